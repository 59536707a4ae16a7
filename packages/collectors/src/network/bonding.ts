import { attributeOrNoData } from "../host-files/attribute.ts";
import { defineCollector } from "../collector.ts";
import { fieldsOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

/** Exports bonded network devices and how many of their slaves are up, from /sys/class/net/bonding_masters. */
export const bonding = defineCollector({
  name: "bonding",
  enabled: true,
  metrics: {
    slaves: gauge("node_bonding_slaves", "Number of configured slaves per bonding interface.", ["master"]),
    active: gauge("node_bonding_active", "Number of active slaves per bonding interface.", ["master"]),
  },
  collect({ sys }, emit) {
    for (const master of fieldsOf(attributeOrNoData(sys, "class/net/bonding_masters"))) {
      const folder = `class/net/${master}`;
      const slaves = fieldsOf(attributeOrNoData(sys, `${folder}/bonding/slaves`).replaceAll("\n", " "));
      const status = (slave: string): string =>
        sys.value(`${folder}/lower_${slave}/bonding_slave/mii_status`) ??
        // Reads the link `slave_NAME`, which is the name of `lower_NAME` in older kernels.
        attributeOrNoData(sys, `${folder}/slave_${slave}/bonding_slave/mii_status`);
      const active = slaves.filter((slave) => status(slave) === "up").length;
      emit.slaves(slaves.length, master);
      emit.active(active, master);
    }
  },
});
