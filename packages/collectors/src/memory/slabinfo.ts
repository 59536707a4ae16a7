import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { keepAndDrop } from "../device-filter.ts";
import { signedOf } from "../host-files/kernel-number.ts";
import { linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

const NAMES = { include: "collector.slabinfo.slabs-include", exclude: "collector.slabinfo.slabs-exclude" };

/** Number of columns in a line of version 2.1, including the words `:`, `tunables` and `slabdata`. */
const COLUMNS = 16;
const NUMBERS = [1, 2, 3, 4, 5, 8, 9, 10, 13, 14, 15];

/** Exports pools of kernel objects from /proc/slabinfo, which only root may read. */
export const slabinfo = defineCollector({
  name: "slabinfo",
  enabled: false,
  flags: {
    [NAMES.include]: flagKinds.text(".*", "Regexp of slabs to include in slabinfo collector."),
    [NAMES.exclude]: flagKinds.text("", "Regexp of slabs to exclude in slabinfo collector."),
  },
  metrics: {
    active: gauge("node_slabinfo_active_objects", "The number of objects that are currently active (i.e., in use).", [
      "slab",
    ]),
    objects: gauge(
      "node_slabinfo_objects",
      "The total number of allocated objects (i.e., objects that are both in use and not in use).",
      ["slab"],
    ),
    objectBytes: gauge("node_slabinfo_object_size_bytes", "The size of objects in this slab, in bytes.", ["slab"]),
    perSlab: gauge("node_slabinfo_objects_per_slab", "The number of objects stored in each slab.", ["slab"]),
    pages: gauge("node_slabinfo_pages_per_slab", "The number of pages allocated for each slab.", ["slab"]),
  },
  open({ settings }) {
    const isWanted = keepAndDrop(settings, NAMES);
    return ({ proc }, emit) => {
      const slabs = linesOf(proc.read("slabinfo"))
        .filter((line) => !line.includes("slabinfo -") && !line.includes("# name"))
        .map(parse);
      for (const { name, numbers } of slabs) {
        if (!isWanted(name)) continue;
        emit.active(numbers[0]!, name);
        emit.objects(numbers[1]!, name);
        emit.objectBytes(numbers[2]!, name);
        emit.perSlab(numbers[3]!, name);
        emit.pages(numbers[4]!, name);
      }
    };
  },
});

function parse(line: string): { readonly name: string; readonly numbers: readonly number[] } {
  const columns = line.split(/\s+/);
  if (columns.length !== COLUMNS) throw new Error(`slabinfo: expected ${COLUMNS} columns in "${line}"`);
  const name = columns[0]!;
  return { name, numbers: NUMBERS.map((column) => signedOf(columns[column], `slabinfo: ${name}`)) };
}
