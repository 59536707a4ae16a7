import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { keepMatching } from "../device-filter.ts";
import { floatOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { type MetricSpec, unknown } from "../metric.ts";
import { readProtocolCounters } from "./protocol-counters.ts";

const FIELDS = "collector.netstat.fields";

/** Exports protocol counters: the fields of /proc/net/netstat, snmp and snmp6 that match the flag's expression. */
export const netstat = defineCollector({
  name: "netstat",
  enabled: true,
  flags: {
    [FIELDS]: flagKinds.text(
      "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*" +
        "|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts" +
        "|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$",
      "Regexp of fields to return for netstat collector.",
    ),
  },
  metrics: {},
  open({ settings }) {
    const isWanted = keepMatching(settings, FIELDS);
    const specs = new Map<string, MetricSpec>();
    const specFor = (protocol: string, name: string, key: string): MetricSpec => {
      let spec = specs.get(key);
      if (spec === undefined) {
        spec = unknown(`node_netstat_${key}`, `Statistic ${protocol}${name}.`);
        specs.set(key, spec);
      }
      return spec;
    };
    return ({ proc }, emit) => {
      const add = (protocol: string, name: string, value: string): void => {
        const key = `${protocol}_${name}`;
        const number = floatOf(value, key);
        if (isWanted(key)) emit.dynamic(specFor(protocol, name, key), number);
      };
      readProtocolCounters(proc.read("net/netstat"), add);
      readProtocolCounters(proc.read("net/snmp"), add);
      readSix(proc.value("net/snmp6") ?? "", add);
    };
  },
});

type Add = (protocol: string, name: string, value: string) => void;

/** Reads one counter per line, such as `Ip6InOctets 12`. The part up to the 6 is the protocol's name. */
function readSix(text: string, add: Add): void {
  for (const line of linesOf(text)) {
    const [key = "", value] = fieldsOf(line);
    const six = key.indexOf("6");
    if (six !== -1 && value !== undefined) add(key.slice(0, six + 1), key.slice(six + 1), value);
  }
}
