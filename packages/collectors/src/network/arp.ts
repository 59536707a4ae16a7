import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { filterBy } from "../device-filter.ts";
import { fieldsOf, linesOf } from "../kernel-text.ts";
import { gauge } from "../metric.ts";

const FILTER = { include: "collector.arp.device-include", exclude: "collector.arp.device-exclude" };
const NETLINK = "collector.arp.netlink";

/** IPv4 neighbours per device: /proc/net/arp, which leaves out the same entries (NOARP) as netlink's answer is cleared of. */
export const arp = defineCollector({
  name: "arp",
  enabled: true,
  flags: {
    [FILTER.include]: flagKinds.text("", "Regexp of arp devices to include (mutually exclusive to device-exclude)."),
    [FILTER.exclude]: flagKinds.text("", "Regexp of arp devices to exclude (mutually exclusive to device-include)."),
    [NETLINK]: flagKinds.flag(true, "Use netlink to gather stats instead of /proc/net/arp."),
  },
  metrics: { entries: gauge("node_arp_entries", "ARP entries by device", ["device"]) },
  open({ settings }) {
    const isWanted = filterBy(settings, FILTER);
    const asNetlink = settings.boolean(NETLINK);
    return ({ proc, own }, emit) => {
      const counts = new Map<string, number>();
      for (const line of linesOf((asNetlink ? own.proc : proc).read("net/arp")).slice(1)) {
        const device = fieldsOf(line)[5];
        if (device !== undefined && isWanted(device)) counts.set(device, (counts.get(device) ?? 0) + 1);
      }
      for (const [device, count] of counts) emit.entries(count, device);
    };
  },
});
