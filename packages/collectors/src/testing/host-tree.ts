import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import type { Collector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { fileTree, type HostFiles } from "../host-files/host-files.ts";
import { type Collection, openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";

/** A simulated host in a temporary folder: files under proc/, sys/, udev/ and root/. */
export interface HostTree extends HostFiles {
  readonly folder: string;
  write(path: string, content: string): void;
  link(path: string, target: string): void;
  [Symbol.dispose](): void;
}

/**
 * Creates a simulated host with the given files. Disposing of the host removes the files. The files also serve as the
 * files of the process itself.
 */
export function hostTree(files: Readonly<Record<string, string>> = {}): HostTree {
  const folder = mkdtempSync(join(tmpdir(), "host-tree-"));
  const proc = fileTree(join(folder, "proc"));
  const sys = fileTree(join(folder, "sys"));
  const tree: HostTree = {
    folder,
    proc,
    sys,
    udev: fileTree(join(folder, "udev")),
    rootfs: fileTree(join(folder, "root")),
    own: { proc, sys, netlink: () => Promise.reject(new NoDataError("a made-up host has no netlink")) },
    write(path, content) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    },
    link(path, target) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      symlinkSync(target, join(folder, path));
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
  for (const [path, content] of Object.entries(files)) tree.write(path, content);
  return tree;
}

/** Scrapes a collection. Returns the text of the page. */
export const pageOf = (collection: Collection, names?: ReadonlySet<string>, limitMs?: number): Promise<string> =>
  collection.print({ names, limitMs, escaping: "allow-utf-8", added: () => [] }, (bytes) =>
    Buffer.from(bytes).toString(),
  );

/**
 * Runs a collector on a host. Returns its series as text lines. For a failed collector, returns the line of its success
 * metric.
 */
export async function seriesFrom(
  collector: Collector,
  files: HostFiles,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  const collection = openCollection([collector], {
    files,
    settings: Settings.of(collector.flags, flags),
    clock: systemClock,
    logger: memoryLogger(),
    timeLimitMs: 10_000,
  });
  return (await pageOf(collection))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#") && !/^node_scrape_collector_(?:duration_|.* 1$)/.test(line));
}
