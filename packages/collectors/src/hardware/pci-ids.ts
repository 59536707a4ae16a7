import { readFileSync } from "node:fs";
import { linesOf } from "../host-files/kernel-text.ts";

/** Paths of the list of PCI ids in common distributions. */
const USUAL_PLACES = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

/** Names of PCI vendors, devices and classes by their hexadecimal numbers without 0x. */
export interface PciNames {
  vendor(vendor: string): string | undefined;
  device(vendor: string, device: string): string | undefined;
  subsystem(vendor: string, device: string, subsystemVendor: string, subsystem: string): string | undefined;
  /**
   * Returns the name for a six-digit class code. Prefers the name of the programming interface, then the name of the
   * subclass, then the name of the class.
   */
  class(code: string): string | undefined;
}

/** Reads the PCI id list at `path`, or at a usual path if `path` is "". Returns no names if the list cannot be read. */
export function loadPciNames(path: string): PciNames {
  for (const place of path === "" ? USUAL_PLACES : [path]) {
    const text = textOrNone(place);
    if (text !== undefined) return pciNames(parsePciIds(text));
  }
  return pciNames(new Map());
}

function textOrNone(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const pciNames = (names: ReadonlyMap<string, string>): PciNames => ({
  vendor: (vendor) => names.get(vendor),
  device: (vendor, device) => names.get(`${vendor}/${device}`),
  subsystem: (...path) => names.get(path.join("/")),
  class: (code) =>
    names.get(`C/${code.slice(0, 2)}/${code.slice(2, 4)}/${code.slice(4, 6)}`) ??
    names.get(`C/${code.slice(0, 2)}/${code.slice(2, 4)}`) ??
    names.get(`C/${code.slice(0, 2)}`),
});

/**
 * Parses the list into names by path, for example `8086`, `8086/1521`, `8086/1521/8086/00a2`, `C/01/08/02`. The number
 * of leading tabs is the depth of a line; two blanks separate id and name.
 */
function parsePciIds(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const path: string[] = [];
  for (const line of linesOf(text)) {
    if (line === "" || line.startsWith("#")) continue;
    const depth = /^\t*/.exec(line)![0].length;
    const gap = line.indexOf("  ");
    if (depth > 2 || depth > path.length || gap === -1) continue;
    path.length = depth;
    path.push(line.slice(depth, gap).trim().split(/\s+/).join("/"));
    names.set(path.join("/"), line.slice(gap).trim());
  }
  return names;
}
