import { expect, test } from "vitest";
import { Random } from "../support/random.ts";
import { readTree, writeTree } from "./message-tree.ts";
import { OTLP_PROTOBUF, SCRAPE_PROTOBUF, WRITE_1, WRITE_2 } from "./protobuf-seeds.ts";
import { inflateMessage } from "./inflate-message.ts";

/** Valid protocol buffer messages. `slice(1)` removes the length byte in front of a scraped metric family. */
const MESSAGES = [...WRITE_1, ...WRITE_2, ...OTLP_PROTOBUF, ...SCRAPE_PROTOBUF.map((family) => family.slice(1))];

test("a message that is parsed without a schema is written unchanged", () => {
  for (const message of MESSAGES) {
    const tree = readTree(message);
    expect(tree?.some(({ value }) => Array.isArray(value))).toBe(true);
    expect(writeTree(tree!)).toBe(message);
  }
});

test("an inflated message differs from its seed, and has at most twice the requested length", () => {
  for (const message of MESSAGES) {
    let others = 0;
    for (let seed = 0; seed < 50; seed++) {
      const { text } = inflateMessage(message, 10_000, false, new Random(seed));
      expect(text.length).toBeLessThan(20_000);
      expect(readTree(text)).toBeDefined();
      if (text !== message) others++;
    }
    // Some messages stay equal, because their number may already be an extreme value.
    expect(others).toBeGreaterThan(40);
  }
});
