import { floatOf, literalOf } from "../host-files/kernel-number.ts";
import { linesOf } from "../host-files/kernel-text.ts";

/**
 * Names of numeric fields on x86. An invalid number in one of these fields makes the whole file invalid, even if the
 * field is not exported.
 */
const INTEGERS = new Set(["processor", "siblings", "cpu cores", "cpuid level", "clflush size", "cache_alignment"]);
const INTEGER_LIMIT = 2 ** 32;

/** Field names on POWER, MIPS, RISC-V and s390x, each mapped to the equivalent x86 name. */
const SAME_AS: Readonly<Record<string, string>> = {
  cpu: "vendor_id",
  clock: "cpu MHz",
  "cpu MHz dynamic": "cpu MHz",
  "cpu model": "model name",
  features: "flags",
  hart: "core id",
  isa: "model name",
  "system type": "vendor_id",
};

/** Fields that are written once above all processors on ARM, MIPS and s390x. */
const COMMON: Readonly<Record<string, string>> = {
  Processor: "model name",
  "system type": "vendor_id",
  vendor_id: "vendor_id",
  features: "flags",
};

/**
 * Returns one map of `key : value` per processor of /proc/cpuinfo, with the keys of x86. Old kernels for ARM write the
 * model once, as `Processor`, above all processors, and do not number a single processor. On s390x, lines such as
 * `processor 0: version = …` come first, and sections that begin with `cpu number` follow.
 */
export function parseCpuInfo(text: string): ReadonlyMap<string, string>[] {
  const cpus: Map<string, string>[] = [];
  const common: [string, string][] = [];
  let section: Map<string, string> | undefined;
  let sections = 0;
  for (const line of linesOf(text)) {
    const colon = line.indexOf(":");
    if (colon === -1) continue;
    const [key, value] = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    check(line, key, value);
    if (key === "processor" || (key === "BogoMIPS" && cpus.length === 0))
      cpus.push((section = new Map([...common, ["processor", key === "processor" ? value : "0"]])));
    else if (key.startsWith("processor ")) cpus.push(new Map([...common, ["processor", key.slice(9).trim()]]));
    else if (key === "cpu number") section = cpus[sections++];
    else if (cpus.length === 0 && key in COMMON) common.push([COMMON[key]!, value]);
    else if (key !== "isa" || !section?.has("vendor_id")) section?.set(SAME_AS[key] ?? key, value);
  }
  if (cpus.length === 0) throw new Error("cpuinfo: no processors");
  return cpus;
}

function check(line: string, key: string, value: string): void {
  if (INTEGERS.has(key) && !(literalOf(value)! < INTEGER_LIMIT)) throw new Error(`cpuinfo: malformed line "${line}"`);
  if (key === "bogomips" || key === "cpu MHz") floatOf(value, `cpuinfo: ${key}`);
}
