import { defineCollector } from "../collector.ts";
import { fieldsOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";
import { openZoneNames } from "./zone-name.ts";

/** Exports the host's clock, its time zone and the kernel's clock sources. */
export const time = defineCollector({
  name: "time",
  enabled: true,
  metrics: {
    seconds: gauge("node_time_seconds", "System time in seconds since epoch (1970)."),
    offset: gauge("node_time_zone_offset_seconds", "System time zone offset in seconds.", ["time_zone"]),
    available: gauge(
      "node_time_clocksource_available_info",
      "Available clocksources read from '/sys/devices/system/clocksource'.",
      ["device", "clocksource"],
    ),
    current: gauge(
      "node_time_clocksource_current_info",
      "Current clocksource read from '/sys/devices/system/clocksource'.",
      ["device", "clocksource"],
    ),
  },
  open({ clock }) {
    const zoneName = openZoneNames(process.env["TZ"]);
    return ({ sys }, emit) => {
      const now = clock.now();
      const offset = 0 - new Date(now).getTimezoneOffset() * 60;
      emit.seconds(now / 1000);
      emit.offset(offset, zoneName(offset));
      const folder = "devices/system/clocksource";
      const devices = sys.list(folder).filter((name) => /^clocksource\d+$/.test(name));
      devices.forEach((device, index) => {
        const file = (name: string): string => sys.read(`${folder}/${device}/${name}`).trim();
        const current = file("current_clocksource");
        for (const source of fieldsOf(file("available_clocksource"))) emit.available(1, String(index), source);
        emit.current(1, String(index), current);
      });
    };
  },
});
