import { defineCollector, NoData } from "../collector.ts";
import { fieldsOf } from "../kernel-text.ts";
import { gauge } from "../metric.ts";

/** Bonded network devices and how many of their slaves are up: /sys/class/net/bonding_masters. */
export const bonding = defineCollector({
  name: "bonding",
  enabled: true,
  metrics: {
    slaves: gauge("node_bonding_slaves", "Number of configured slaves per bonding interface.", ["master"]),
    active: gauge("node_bonding_active", "Number of active slaves per bonding interface.", ["master"]),
  },
  collect({ sys }, emit) {
    const masters = sys.value("class/net/bonding_masters");
    if (masters === undefined) throw new NoData("no bonding");
    for (const master of fieldsOf(masters)) {
      const folder = `class/net/${master}`;
      const slaves = fieldsOf(sys.read(`${folder}/bonding/slaves`).replaceAll("\n", " "));
      const status = (slave: string): string | undefined =>
        sys.value(`${folder}/lower_${slave}/bonding_slave/mii_status`) ??
        sys.value(`${folder}/slave_${slave}/bonding_slave/mii_status`); // older kernels
      emit.slaves(slaves.length, master);
      emit.active(slaves.filter((slave) => status(slave) === "up").length, master);
    }
  },
});
