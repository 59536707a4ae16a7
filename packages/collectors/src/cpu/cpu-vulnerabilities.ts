import { defineCollector } from "../collector.ts";
import { fieldsOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

const FOLDER = "devices/system/cpu/vulnerabilities";

/** States with which the kernel's text may begin, in upper or lower case. */
const STATES = ["not affected", "vulnerable", "mitigation", "unknown"];

/** Exports known CPU vulnerabilities and their mitigations from /sys/devices/system/cpu/vulnerabilities. */
export const cpuVulnerabilities = defineCollector({
  name: "cpu_vulnerabilities",
  enabled: false,
  metrics: {
    info: gauge(
      "node_cpu_vulnerabilities_info",
      "Details of each CPU vulnerability reported by sysfs. The value of the series is an int encoded state of the vulnerability. The same state is stored as a string in the label",
      ["codename", "state", "mitigation"],
    ),
  },
  collect({ sys }, emit) {
    const found = sys.list(FOLDER).map((name) => ({ name, text: sys.read(`${FOLDER}/${name}`).trim() }));
    for (const { name, text } of found) {
      const state = STATES.find((known) => text.toLowerCase().startsWith(known));
      emit.info(1, name, state ?? "unknown", mitigationOf(text, state));
    }
  },
});

/** Returns the text after the state, or the whole text if it contains no state. */
function mitigationOf(text: string, state: string | undefined): string {
  if (state === undefined) return text;
  return state === "not affected" ? "" : fieldsOf(text).slice(1).join(" ");
}
