import { join } from "node:path";
import { expect, test } from "vitest";
import { type HostTree, hostTree, seriesFrom } from "../testing/host-tree.ts";
import { pcidevice } from "./pcidevice.ts";

const BRIDGE = "sys/devices/pci0000:00/0000:00:02.1";
const CARD = `${BRIDGE}/0000:01:00.0`;

function device(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, `${text}\n`]));
}

const files = {
  ...device(BRIDGE, {
    class: "0x060400",
    vendor: "0x1022",
    device: "0x1634",
    subsystem_vendor: "0x17aa",
    subsystem_device: "0x5095",
    revision: "0x00",
  }),
  ...device(CARD, {
    class: "0x010802",
    vendor: "0xc0a9",
    device: "0x540a",
    subsystem_vendor: "0xc0a9",
    subsystem_device: "0x5021",
    revision: "0x01",
    max_link_speed: "16.0 GT/s PCIe",
    max_link_width: "4",
    current_link_speed: "Unknown",
    numa_node: "1",
    power_state: "D0",
    d3cold_allowed: "1",
    sriov_numvfs: "4",
  }),
  "pci.ids":
    "# numbers and names\n1022  AMD\n\t1634  Bridge\n\t\t17aa 5095  ThinkPad\nc0a9  Crucial\n\nC 01  Storage\n\t08  NVM\n\t\t02  NVM Express\nC 06  Bridges\n",
};

function pciHost(changed: Readonly<Record<string, string>> = {}): HostTree {
  const host = hostTree({ ...files, ...changed });
  host.link("sys/bus/pci/devices/0000:00:02.1", "../../../devices/pci0000:00/0000:00:02.1");
  host.link("sys/bus/pci/devices/0000:01:00.0", "../../../devices/pci0000:00/0000:00:02.1/0000:01:00.0");
  return host;
}

test("pcidevice shows what a device is, its parent, and its link", async () => {
  using host = pciHost();
  const series = await seriesFrom(pcidevice, host);
  const place = 'bus="01",device="00",function="0",segment="0000"';
  expect(series).toContain(
    'node_pcidevice_info{bus="01",class_id="0x010802",device="00",device_id="0x540a",function="0",parent_bus="00",parent_device="02",parent_function="1",parent_segment="0000",revision="0x01",segment="0000",subsystem_device_id="0x5021",subsystem_vendor_id="0xc0a9",vendor_id="0xc0a9"} 1',
  );
  expect(series.find((line) => line.includes('class_id="0x060400"'))).toContain('parent_bus="*"');
  expect(series).toContain(`node_pcidevice_max_link_transfers_per_second{${place}} 1.6e+10`);
  expect(series).toContain(`node_pcidevice_current_link_transfers_per_second{${place}} -1`);
  expect(series).toContain(`node_pcidevice_current_link_width{${place}} -1`);
  expect(series).toContain(`node_pcidevice_d3cold_allowed{${place}} 1`);
  expect(series).toContain(`node_pcidevice_sriov_numvfs{${place}} 4`);
  expect(series.filter((line) => line.startsWith("node_pcidevice_numa_node"))).toEqual([
    `node_pcidevice_numa_node{${place}} 1`,
  ]);
  const states = series.filter((line) => line.startsWith("node_pcidevice_power_state"));
  expect(states).toHaveLength(7);
  expect(states.filter((line) => line.endsWith(" 1"))).toEqual([
    'node_pcidevice_power_state{bus="01",device="00",function="0",segment="0000",state="D0"} 1',
  ]);
});

test("pcidevice takes names from a list, and uses numbers if the list has no name", async () => {
  using host = pciHost();
  const flags = { "collector.pcidevice.names": true, "collector.pcidevice.idsfile": join(host.folder, "pci.ids") };
  const infos = (await seriesFrom(pcidevice, host, flags)).filter((line) => line.startsWith("node_pcidevice_info"));
  const namesOf = (line: string): string[] =>
    [...line.matchAll(/(\w+_name)="([^"]*)"/g)].map(([, name, value]) => `${name}: ${value}`);
  expect(infos.map(namesOf)).toEqual([
    [
      "class_name: Bridges",
      "device_name: Bridge",
      "subsystem_device_name: ThinkPad",
      "subsystem_vendor_name: 17aa",
      "vendor_name: AMD",
    ],
    [
      "class_name: NVM Express",
      "device_name: 540a",
      "subsystem_device_name: 5021",
      "subsystem_vendor_name: Crucial",
      "vendor_name: Crucial",
    ],
  ]);
  const nowhere = { ...flags, "collector.pcidevice.idsfile": join(host.folder, "none") };
  expect((await seriesFrom(pcidevice, host, nowhere)).join("\n")).toContain('class_name="Unknown class (010802)"');
});

test.each([
  ["a speed in other units", { [`${CARD}/max_link_speed`]: "16.0 MB/s\n" }],
  ["a class that is no number", { [`${CARD}/class`]: "bridge\n" }],
  ["a count that is none", { [`${CARD}/sriov_numvfs`]: "-4\n" }],
])("pcidevice shows nothing of a host with %s", async (_, changed) => {
  using host = pciHost(changed);
  expect(await seriesFrom(pcidevice, host)).toEqual(['node_scrape_collector_success{collector="pcidevice"} 0']);
});

test("pcidevice has no data on a host without PCI", async () => {
  using host = hostTree();
  expect(await seriesFrom(pcidevice, host)).toEqual(['node_scrape_collector_success{collector="pcidevice"} 0']);
});
