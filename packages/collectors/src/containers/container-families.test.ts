import { gather } from "@narthex/exposition";
import fc from "fast-check";
import { expect, test } from "vitest";
import { containerFamilies } from "./container-families.ts";
import { Reading } from "./reading.ts";

const word = fc.constantFrom("", "a", "b", "/", "é", "zz");

const group = fc.record({
  id: fc.string({ maxLength: 4 }),
  labels: fc.dictionary(fc.constantFrom("container", "container_label_x", "image", "name", "pod"), word),
  usage: fc.option(fc.nat()),
  devices: fc.uniqueArray(word, { maxLength: 3 }),
});

test("families come as gather() would sort them, and every series has the same labels", () => {
  fc.assert(
    fc.property(fc.uniqueArray(group, { selector: ({ id }) => id, maxLength: 12 }), (groups) => {
      const families = containerFamilies(
        groups.map(({ id, labels, usage, devices }) => {
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
        }),
      );
      expect(families).toEqual(gather(families));
      for (const { samples } of families) {
        const names = samples.map(({ labels }) => labels.filter((_, i) => i % 2 === 0).join());
        expect(new Set(names).size).toBe(1);
      }
    }),
  );
});
