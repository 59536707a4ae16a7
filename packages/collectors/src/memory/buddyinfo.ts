import { defineCollector } from "../collector.ts";
import { floatOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

/** Number of words before the counts: `Node 0, zone Normal`. */
const FIRST_COUNT = 4;

/** Exports free memory by block size, from one page to 2^n pages, from /proc/buddyinfo. */
export const buddyinfo = defineCollector({
  name: "buddyinfo",
  enabled: false,
  metrics: {
    blocks: gauge("node_buddyinfo_blocks", "Count of free blocks according to size.", ["node", "zone", "size"]),
  },
  collect({ proc }, emit) {
    for (const { node, zone, counts } of parse(proc.read("buddyinfo"))) {
      for (const [size, count] of counts.entries()) emit.blocks(count, node, zone, String(size));
    }
  },
});

interface FreeBlocks {
  readonly node: string;
  readonly zone: string;
  readonly counts: readonly number[];
}

const withoutComma = (word = ""): string => (word.endsWith(",") ? word.slice(0, -1) : word);

function parse(text: string): FreeBlocks[] {
  let sizes: number | undefined;
  return linesOf(text).map((line) => {
    const words = fieldsOf(line);
    if (words.length < FIRST_COUNT) throw new Error(`buddyinfo: expected "Node N, zone NAME" and counts in "${line}"`);
    const counts = words.slice(FIRST_COUNT).map((word) => floatOf(word, "buddyinfo"));
    sizes ??= counts.length;
    if (counts.length !== sizes)
      throw new Error(`buddyinfo: a zone has ${counts.length} sizes, but another zone has ${sizes}`);
    return { node: withoutComma(words[1]), zone: withoutComma(words[3]), counts };
  });
}
