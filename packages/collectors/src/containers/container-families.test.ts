import { gather } from "@narthex/exposition";
import fc from "fast-check";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { ContainerFamilies } from "./container-families.ts";
import { Reading } from "./reading.ts";

const word = fc.constantFrom("", "a", "b", "/", "é", "zz");

const group = fc.record({
  id: fc.string({ maxLength: 4 }),
  labels: fc.dictionary(fc.constantFrom("container", "container_label_x", "image", "name", "pod"), word),
  usage: fc.option(fc.nat()),
  devices: fc.uniqueArray(word, { maxLength: 3 }),
});

function namedReadings(groups: readonly (typeof group extends fc.Arbitrary<infer G> ? G : never)[]) {
  return groups.map(({ id, labels, usage, devices }) => {
    const reading = new Reading();
    reading.set("usage", usage ?? undefined);
    for (const device of devices) {
      reading.add("reads", 1, device);
      reading.add("deviceUsage", 2, device, "8", "0", "Read");
      reading.add("deviceUsage", 2, device, "8", "0", "Write");
      reading.add("failures", 3, device, "container");
      reading.add("receivedBytes", 4, device);
      reading.add("cpuUsage", 5, device);
    }
    return { identity: new Map([["id", id], ...Object.entries(labels)]), reading };
  });
}

const groupList = fc.uniqueArray(group, { selector: ({ id }) => id, maxLength: 12 });

test("families are in the order of gather(), and all their series have the same label names", () => {
  fc.assert(
    fc.property(groupList, (groups) => {
      const families = runToEnd(new ContainerFamilies().building(namedReadings(groups)));
      expect(families).toEqual(gather(families));
      for (const { samples } of families) {
        const names = samples.map(({ labels }) => labels.filter((_, i) => i % 2 === 0).join());
        expect(new Set(names).size).toBe(1);
      }
    }),
  );
});

test("series of earlier groups do not affect those of later groups", () => {
  fc.assert(
    fc.property(groupList, groupList, (first, second) => {
      const [before, after] = [namedReadings(first), namedReadings(second)];
      const families = new ContainerFamilies();
      runToEnd(families.building(before));
      // Compares other readings with the same identities first, and then other identities.
      const swapped = before.map(({ identity }, i) => ({ identity, reading: after[i]?.reading ?? new Reading() }));
      for (const groups of [swapped, after, before])
        expect(runToEnd(families.building(groups))).toEqual(runToEnd(new ContainerFamilies().building(groups)));
    }),
  );
});

test("equal labels are the same array in the next scrape", () => {
  const identity = new Map([["id", "/"]]);
  const families = new ContainerFamilies();
  const labels = () => {
    const reading = new Reading();
    reading.set("usage", 1);
    reading.add("reads", 1, "sda");
    return runToEnd(families.building([{ identity, reading }])).flatMap(({ samples }) =>
      samples.map((one) => one.labels),
    );
  };
  const [first, second] = [labels(), labels()];
  expect(first).toHaveLength(2);
  expect(first.every((one, i) => one === second[i])).toBe(true);
});

test("a metric whose series are unchanged has the same samples in the next scrape, with new values", () => {
  const groups = ["/b", "/a"].map((id) => ({ identity: new Map([["id", id]]), reading: new Reading() }));
  const families = new ContainerFamilies();
  const scrape = (value: number, devices: readonly string[]) => {
    for (const { reading } of groups) {
      reading.begin();
      reading.set("usage", value);
      for (const device of devices) reading.add("reads", value, device);
    }
    return runToEnd(families.building(groups)).map(({ samples }) => samples);
  };
  const first = scrape(1, ["sdb", "sda"]);
  const second = scrape(2, ["sdb", "sda"]);
  expect(second.map((samples) => samples.map(({ value }) => value))).toEqual([
    [2, 2, 2, 2],
    [2, 2],
  ]);
  expect(second.every((samples, i) => samples === first[i])).toBe(true);
  const [reads, usage] = scrape(3, ["sdb"]);
  expect(reads!.map(({ labels, value }) => [labels.at(1), value])).toEqual([
    ["sdb", 3],
    ["sdb", 3],
  ]);
  expect(usage).toBe(first[1]);
});
