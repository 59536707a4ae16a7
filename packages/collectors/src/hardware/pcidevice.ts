import { basename, dirname } from "node:path";
import { flagKinds } from "@narthex/runtime";
import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type DynamicEmitter, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { floatOf, literalOf, signedOf, unsignedOf } from "../host-files/kernel-number.ts";
import { gauge, type MetricSpec } from "../metric.ts";
import { attributeOf, optionalAttribute } from "../host-files/attribute.ts";
import { loadPciNames, type PciNames } from "./pci-ids.ts";

const LOCATION = ["segment", "bus", "device", "function"];
const value = (name: string, help: string): MetricSpec => gauge(`node_pcidevice_${name}`, help, LOCATION);

const IDENTITY = [
  ...LOCATION,
  ...LOCATION.map((label) => `parent_${label}`),
  "class_id",
  "vendor_id",
  "device_id",
  "subsystem_vendor_id",
  "subsystem_device_id",
  "revision",
];
const NAMES = ["vendor_name", "device_name", "subsystem_vendor_name", "subsystem_device_name", "class_name"];

const infoOf = (labels: readonly string[]): MetricSpec =>
  gauge("node_pcidevice_info", "Non-numeric data from /sys/bus/pci/devices/<location>, value is always 1.", labels);

const metrics = {
  /** Info metric without device names. If names are known, another metric with more labels is used. */
  info: infoOf(IDENTITY),
  maxLinkSpeed: value("max_link_transfers_per_second", "Value of maximum link's transfers per second (T/s)"),
  maxLinkWidth: value("max_link_width", "Value of maximum link's width (number of lanes)"),
  currentLinkSpeed: value("current_link_transfers_per_second", "Value of current link's transfers per second (T/s)"),
  currentLinkWidth: value("current_link_width", "Value of current link's width (number of lanes)"),
  powerState: gauge(
    "node_pcidevice_power_state",
    "PCIe device power state, one of: D0, D1, D2, D3hot, D3cold, unknown or error.",
    [...LOCATION, "state"],
  ),
  d3coldAllowed: value("d3cold_allowed", "Whether the PCIe device supports D3cold power state (0/1)."),
  sriovAutoprobe: value("sriov_drivers_autoprobe", "Whether SR-IOV drivers autoprobe is enabled for the device (0/1)."),
  sriovFunctions: value("sriov_numvfs", "Number of Virtual Functions (VFs) currently enabled for SR-IOV."),
  sriovMostFunctions: value("sriov_totalvfs", "Total number of Virtual Functions (VFs) supported by the device."),
  sriovVectors: value("sriov_vf_total_msix", "Total number of MSI-X vectors for Virtual Functions."),
  numaNode: value("numa_node", "NUMA node number for the PCI device. -1 indicates unknown or not available."),
};

const POWER_STATES = ["D0", "D1", "D2", "D3hot", "D3cold", "unknown", "error"];

const ROOT = "bus/pci/devices";
const IDS_FILE = "collector.pcidevice.idsfile";
const WITH_NAMES = "collector.pcidevice.names";

/** Exports PCI devices from /sys/bus/pci/devices, with device names if a list of PCI ids is installed. */
export const pcidevice = defineCollector({
  name: "pcidevice",
  enabled: false,
  flags: {
    [IDS_FILE]: flagKinds.text("", "Path to pci.ids file to use for PCI device identification."),
    [WITH_NAMES]: flagKinds.flag(false, "Enable PCI device name resolution (requires pci.ids file)."),
  },
  metrics,
  open({ settings }) {
    const names = settings.boolean(WITH_NAMES) ? loadPciNames(settings.text(IDS_FILE)) : undefined;
    const info = names === undefined ? metrics.info : infoOf([...IDENTITY, ...NAMES]);
    return ({ sys }, emit) => {
      try {
        allOrNothing(emit, (held) => {
          for (const { name } of sys.entries(ROOT)) emitDevice(sys, name, info, names, held);
        });
      } catch (error) {
        if (isMissing(error)) throw new NoDataError("no PCI devices", { cause: error });
        throw error;
      }
    };
  },
});

function emitDevice(
  sys: FileTree,
  name: string,
  info: MetricSpec,
  names: PciNames | undefined,
  emit: Emitter<typeof metrics>,
): void {
  const folder = `${ROOT}/${name}`;
  const target = sys.real(folder);
  if (target === undefined) throw new NoDataError(`PCI device ${name} is gone`);
  const location = locationOf(basename(target));
  emitInfo(sys, folder, [...location, ...parentOf(basename(dirname(target)))], info, names, emit);
  emit.maxLinkSpeed(speedIn(sys, `${folder}/max_link_speed`), ...location);
  emit.maxLinkWidth(knownIn(sys, `${folder}/max_link_width`) ?? -1, ...location);
  emit.currentLinkSpeed(speedIn(sys, `${folder}/current_link_speed`), ...location);
  emit.currentLinkWidth(knownIn(sys, `${folder}/current_link_width`) ?? -1, ...location);
  const isOn = (file: string): number => ((knownIn(sys, `${folder}/${file}`) ?? 0) === 0 ? 0 : 1);
  const count = (file: string): number => {
    const text = optionalAttribute(sys, `${folder}/${file}`) ?? "";
    return text === "" ? 0 : unsignedOf(text, `pcidevice ${folder}/${file}`);
  };
  emit.d3coldAllowed(isOn("d3cold_allowed"), ...location);
  emit.sriovAutoprobe(isOn("sriov_drivers_autoprobe"), ...location);
  emit.sriovFunctions(count("sriov_numvfs"), ...location);
  emit.sriovMostFunctions(count("sriov_totalvfs"), ...location);
  emit.sriovVectors(count("sriov_vf_total_msix"), ...location);
  const power = optionalAttribute(sys, `${folder}/power_state`) ?? "";
  if (power !== "") for (const state of POWER_STATES) emit.powerState(state === power ? 1 : 0, ...location, state);
  const numaNode = knownIn(sys, `${folder}/numa_node`) ?? -1;
  if (numaNode !== -1) emit.numaNode(numaNode, ...location);
}

function emitInfo(
  sys: FileTree,
  folder: string,
  places: readonly string[],
  info: MetricSpec,
  names: PciNames | undefined,
  emit: DynamicEmitter,
): void {
  const id = (file: string, digits: number): string => {
    const text = attributeOf(sys, `${folder}/${file}`);
    const number = literalOf(text);
    if (number === undefined || number < 0 || number >= 2 ** 31)
      throw new Error(`pcidevice ${folder}/${file}: expected a number, got "${text}"`);
    return number.toString(16).padStart(digits, "0");
  };
  const code = id("class", 6);
  const vendor = id("vendor", 4);
  const device = id("device", 4);
  const subsystemVendor = id("subsystem_vendor", 4);
  const subsystem = id("subsystem_device", 4);
  const ids = [code, vendor, device, subsystemVendor, subsystem, id("revision", 2)].map((digits) => `0x${digits}`);
  const labels = [...places, ...ids];
  if (names !== undefined)
    labels.push(
      names.vendor(vendor) ?? vendor,
      names.device(vendor, device) ?? device,
      names.vendor(subsystemVendor) ?? subsystemVendor,
      names.subsystem(vendor, device, subsystemVendor, subsystem) ?? subsystem,
      names.class(code) ?? `Unknown class (${code})`,
    );
  emit.dynamic(info, 1, ...labels);
}

/** Splits `0000:45:00.0` into segment, bus, device and function. */
function locationOf(text: string): readonly string[] {
  const parts = /^([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+)\.([0-9a-fA-F]+)$/.exec(text)?.slice(1);
  if (parts === undefined)
    throw new Error(`pcidevice: expected the address of a device, such as 0000:45:00.0, got "${text}"`);
  return parts.map((part, i) => Number.parseInt(part, 16).toString(16).padStart([4, 2, 2, 1][i]!, "0"));
}

/** Returns the location of the parent device. Returns stars if the parent is the root of the bus. */
const parentOf = (folder: string): readonly string[] =>
  folder.startsWith("pci") ? ["*", "*", "*", "*"] : locationOf(folder);

/** Returns the number in a file of a device; undefined if the device does not have the file or the value is unknown. */
function knownIn(sys: FileTree, path: string): number | undefined {
  const text = knownText(sys, path);
  return text === undefined ? undefined : signedOf(text, `pcidevice ${path}`);
}

function knownText(sys: FileTree, path: string): string | undefined {
  const text = optionalAttribute(sys, path) ?? "";
  return text === "" || text.startsWith("Unknown") ? undefined : text;
}

const TRANSFERS_PER_GIGATRANSFER = 1e9;

/** Returns a speed such as `8.0 GT/s PCIe` in transfers per second, or -1 if it is unknown. */
function speedIn(sys: FileTree, path: string): number {
  const text = knownText(sys, path);
  if (text === undefined) return -1;
  const [, number, unit] = /^(\S*) (.*)$/.exec(text) ?? [];
  if (unit !== "GT/s PCIe") throw new Error(`pcidevice ${path}: expected a speed in GT/s PCIe, got "${text}"`);
  return floatOf(number, `pcidevice ${path}`) * TRANSFERS_PER_GIGATRANSFER;
}
