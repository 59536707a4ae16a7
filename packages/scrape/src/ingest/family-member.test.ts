import { expect, test } from "vitest";
import { isFamilyMember } from "./family-member.ts";

test("isFamilyMember() accepts the suffixes of each type, and families whose names include the suffix", () => {
  const members: [name: string, family: string, type: string][] = [
    ["a", "a", "gauge"],
    ["a_total", "a", "counter"],
    ["a_total", "a_total", "counter"],
    ["a_bucket", "a", "histogram"],
    ["a_count", "a", "histogram"],
    ["a", "a", "histogram"],
    ["a_gsum", "a", "gaugehistogram"],
    ["a_sum", "a", "summary"],
    ["a_info", "a", "info"],
    ["a_info", "a_info", "info"],
  ];
  for (const [name, family, type] of members) expect([name, isFamilyMember(name, family, type)]).toEqual([name, true]);
  const strangers: [name: string, family: string, type: string][] = [
    ["b", "a", "gauge"],
    ["a_total", "a", "gauge"],
    ["a_bucket", "a", "summary"],
    ["a_b_total", "a", "counter"],
    ["a_sum", "a_", "histogram"],
  ];
  for (const [name, family, type] of strangers)
    expect([name, isFamilyMember(name, family, type)]).toEqual([name, false]);
});
