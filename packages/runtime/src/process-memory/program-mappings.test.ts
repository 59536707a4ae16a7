import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "./../testing/temporary-folder.ts";
import { expect, test } from "vitest";
import { programMappings } from "./program-mappings.ts";
import { returnProgramPages } from "./return-memory.ts";

const isLinux = process.platform === "linux";
const LIBC = "libc.so.6";

interface Mapping {
  readonly path: string;
  readonly ownCopies: number;
}

/** Returns the kernel's data on all mappings by address, in one read. */
function allMappings(): ReadonlyMap<bigint, Mapping> {
  const mappings = readFileSync("/proc/self/smaps", "latin1").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return new Map(
    mappings.map((text) => {
      const [, from, path] = /^([0-9a-f]+)-\S+ \S+ \S+ \S+ \d+ *(.*)/.exec(text)!;
      return [BigInt(`0x${from}`), { path: path!, ownCopies: Number(/Anonymous: +(\d+)/.exec(text)![1]) }];
    }),
  );
}

const residentOfFiles = (): number =>
  Number(/RssFile:\s+(\d+)/.exec(readFileSync("/proc/self/status", "latin1"))![1]) * 1024;

test.runIf(isLinux)("only pages of the program that equal its file are found", async () => {
  const found = await programMappings();
  const all = allMappings();
  expect(found.length).toBeGreaterThan(0);
  for (const { address, bytes } of found) {
    const text = all.get(address)!;
    expect(text.path).toBe(process.execPath);
    expect(text.ownCopies).toBe(0);
    expect(bytes % 4096).toBe(0);
  }
  expect(Math.max(...found.map(({ bytes }) => bytes))).toBeGreaterThan(1_000_000);
});

test.runIf(isLinux)("a program that is not the running one has no mappings", async () => {
  expect(await programMappings("/no/such/program")).toEqual([]);
});

/** Returns lines about a mapping as in /proc/self/smaps. */
const record = (range: string, access: string, anonymous: number, swap: number): string =>
  `${range} ${access} 00000000 fe:00 1728634     /bin/node\nRss: 16 kB\nAnonymous: ${anonymous} kB\nSwap: ${swap} kB\n`;

test("mappings that the program or its loader has written to are excluded, even if they were swapped out", async () => {
  const smaps = join(temporaryFolder(), "smaps");
  writeFileSync(
    smaps,
    record("00400000-00500000", "r--p", 0, 0) +
      record("00500000-00600000", "r-xp", 4, 0) +
      record("00600000-00700000", "r--p", 0, 8) +
      record("00700000-00800000", "r-xp", 0, 0) +
      // The loader has written to this mapping and then protected it, although the system reports no copies.
      record("00800000-00810000", "r--p", 0, 0) +
      record("00810000-00820000", "rw-p", 0, 0) +
      "00900000-00a00000 r-xp 00000000 fe:00 17 /lib/other\nRss: 16 kB\n",
  );
  const found = await programMappings("/bin/node", smaps);
  rmSync(dirname(smaps), { recursive: true });
  expect(found.map(({ address }) => address)).toEqual([0x400000n, 0x700000n]);
});

test.runIf(isLinux)("pages that were returned are read again when they are used", async () => {
  const { default: koffi } = await import("koffi");
  const compare = koffi.load(LIBC).func("int memcmp(uint64_t, uint64_t, size_t)");
  // Another test may have returned the pages just before, so each page is read first.
  for (const { address, bytes } of await programMappings()) compare(address, address, bytes);
  const before = residentOfFiles();
  await returnProgramPages();
  expect(residentOfFiles()).toBeLessThan(before - 5_000_000);
  // Code whose pages were returned still works: code that has not run yet in this process, and code that has run.
  expect(new Intl.DateTimeFormat("hi", { calendar: "indian", dateStyle: "full" }).format(0)).not.toBe("");
  expect(JSON.parse(JSON.stringify({ a: [1, "two"] }))).toEqual({ a: [1, "two"] });
});
