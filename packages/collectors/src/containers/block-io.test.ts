import { expect, test } from "vitest";
import { hostTree } from "../testing/host-tree.ts";
import { BlockDevices } from "./block-io.ts";

test("a device is named by its link, otherwise by the list of partitions, otherwise by its number", () => {
  using host = hostTree({ "proc/partitions": "major minor  #blocks  name\n\n   8        1  1000 sda1\n" });
  host.link("sys/dev/block/104:0", "../../devices/pci0000:00/block/cciss!c0d0");
  const devices = new BlockDevices(host);
  expect(["104:0", "8:1", "9:9"].map((number) => devices.name(number))).toEqual([
    "/dev/cciss/c0d0",
    "/dev/sda1",
    "9:9",
  ]);
});
