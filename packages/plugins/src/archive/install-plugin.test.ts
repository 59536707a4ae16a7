import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { afterEach, expect, test } from "vitest";
import { filesMark, readPluginFolder } from "../plugin-folder.ts";
import { installPlugin } from "./install-plugin.ts";
import { packPlugin, sha256Of } from "./pack-plugin.ts";
import { unpackPlugin } from "./unpack-plugin.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "narthex-plugin-"));
  folders.push(folder);
  return folder;
}

const manifest = (more: object = {}): string =>
  JSON.stringify({
    contract: 1,
    id: "sample",
    kind: "panel",
    name: "Sample",
    version: "1.2.3",
    entry: "m.js",
    ...more,
  });

/** Writes a plugin, and returns its folder. */
function written(more: object = {}): string {
  const folder = join(newFolder(), "sample");
  mkdirSync(folder);
  writeFileSync(join(folder, "plugin.json"), manifest(more));
  writeFileSync(join(folder, "m.js"), "export function render() {}");
  return folder;
}

type Entry = readonly [header: Partial<Header> & { name: string }, content?: string];

async function archive(...entries: Entry[]) {
  const tar = pack();
  const bytes = buffer(tar);
  for (const [header, content = ""] of entries) tar.entry({ type: "file", ...header }, content);
  tar.finalize();
  const packed = gzipSync(await bytes);
  return { bytes: packed, sha256: sha256Of(packed) };
}

const unpacked = async (...entries: Entry[]) => {
  const { bytes, sha256 } = await archive(...entries);
  return unpackPlugin(bytes, sha256);
};

test("a packed plugin has the same bytes each time, and is installed as it was", async () => {
  const source = written();
  const { bytes, sha256 } = await packPlugin(source);
  expect((await packPlugin(source)).sha256).toBe(sha256);
  const folder = newFolder();
  const { manifest: installed } = installPlugin(await unpackPlugin(bytes, sha256.toUpperCase()), folder, false);
  expect(installed.version).toBe("1.2.3");
  expect(readdirSync(folder)).toEqual(["sample"]);
  expect(readFileSync(join(folder, "sample/m.js"), "utf8")).toBe("export function render() {}");
  expect(readPluginFolder(folder)).toMatchObject({ plugins: [{ manifest: { id: "sample" } }], problems: [] });
});

test("an archive with another checksum is refused before it is unpacked", async () => {
  const { bytes } = await packPlugin(written());
  await expect(unpackPlugin(bytes, "0".repeat(64))).rejects.toThrow("not the confirmed one");
  await expect(unpackPlugin(Buffer.from("no archive"), "0".repeat(64))).rejects.toThrow("not the confirmed one");
  await expect(unpackPlugin(bytes, "abc")).rejects.toThrow("64 hexadecimal digits");
});

test.each([
  "../sample/m.js",
  "sample/../../m.js",
  "/sample/m.js",
  "sample/./m.js",
  "sample/sub/m.js",
  "sample/..",
  "sample/.hidden",
  "sample\\m.js",
  "m.js",
  "SAMPLE/m.js",
])("an archive with the path %j is refused", async (name) => {
  await expect(unpacked([{ name }, "x"])).rejects.toThrow("must have the form ID/FILE");
});

test.each(["symlink", "link", "fifo", "character-device", "block-device"] as const)(
  "an archive with a %s is refused",
  async (type) => {
    await expect(unpacked([{ name: "sample/m.js", type, linkname: "/etc/passwd" }])).rejects.toThrow("only files");
  },
);

test("an archive with a file that occurs twice, or with two folders, is refused", async () => {
  await expect(unpacked([{ name: "sample/m.js" }, "a"], [{ name: "sample/m.js" }, "b"])).rejects.toThrow("twice");
  await expect(unpacked([{ name: "sample/m.js" }, "a"], [{ name: "other/m.js" }, "b"])).rejects.toThrow("two folders");
});

test("an archive that becomes too large is refused", async () => {
  await expect(unpacked([{ name: "sample/m.js" }, "x".repeat(17 * 1024 * 1024)])).rejects.toThrow("16777216 bytes");
  const many = Array.from({ length: 101 }, (_, at) => [{ name: `sample/f${at}` }, "x"] as const);
  await expect(unpacked(...many)).rejects.toThrow("more than 100 files");
  const large = Buffer.alloc(9 * 1024 * 1024);
  await expect(unpackPlugin(large, sha256Of(large))).rejects.toThrow("more than 8388608 bytes");
});

test("an older version replaces a newer one only if it is forced", async () => {
  const folder = newFolder();
  const [old, recent] = await Promise.all(
    ["1.9.0", "1.10.0"].map(async (version) => {
      const { bytes, sha256 } = await packPlugin(written({ version }));
      return unpackPlugin(bytes, sha256);
    }),
  );
  installPlugin(recent!, folder, false);
  expect(() => installPlugin(old!, folder, false)).toThrow("sample 1.10.0 is installed, which is newer than 1.9.0");
  expect(installPlugin(old!, folder, true).replaced).toBe("1.10.0");
  expect(installPlugin(recent!, folder, false).replaced).toBe("1.9.0");
  expect(readdirSync(folder)).toEqual(["sample"]);
});

test("a plugin that is not valid changes nothing", async () => {
  const folder = newFolder();
  const bad = await unpacked(
    [{ name: "sample/plugin.json" }, manifest({ contract: 9 })],
    [{ name: "sample/m.js" }, "1"],
  );
  expect(() => installPlugin(bad, folder, false)).toThrow("is written for contract 9");
  expect(existsSync(join(folder, "sample"))).toBe(false);
});

test("a folder with a link is neither packed nor loaded", async () => {
  const source = written({ entry: "link.js" });
  symlinkSync("/etc/hostname", join(source, "link.js"));
  await expect(packPlugin(source)).rejects.toThrow("no link");
  expect(readPluginFolder(join(source, "..")).problems).toEqual([expect.stringContaining("no link")]);
});

test.each([
  [{ contract: undefined, type: "panel" }, "plugin for Grafana"],
  [{ contract: undefined }, '"contract" is missing'],
  [{ contract: 0 }, "written for contract 0, and this program understands contract 1"],
  [{ kind: "app" }, '"kind" must be'],
  [{ id: "../x" }, '"id" must have'],
  [{ entry: "../m.js" }, '"entry" must be'],
  [{ version: "1" }, '"version" must have the form 1.2.3'],
  [{ kind: "source" }, '"hosts" must name the hosts'],
  [{ kind: "source", hosts: ["example.org"] }, 'write "url of the source"'],
  [{ options: [{ key: "a" }] }, '"options" [0]: "label" must be a text'],
  [{ options: [{ key: "__proto__", label: "x", type: "text" }] }, '"key" must be a name'],
])("a plugin.json with %j is refused with a sentence", (more, message) => {
  expect(readPluginFolder(join(written(more), "..")).problems).toEqual([expect.stringContaining(message)]);
});

test("an installed plugin can be read by all users, also with the umask of a careful administrator", async () => {
  const { bytes, sha256 } = await packPlugin(written());
  const folder = newFolder();
  const before = process.umask(0o077);
  try {
    installPlugin(await unpackPlugin(bytes, sha256), folder, false);
  } finally {
    process.umask(before);
  }
  const modes = ["sample", "sample/plugin.json", "sample/m.js"].map(
    (path) => statSync(join(folder, path)).mode & 0o777,
  );
  expect(modes).toEqual([0o755, 0o644, 0o644]);
});

test("a folder whose files must not be looked at is a problem, and the other plugins are loaded", () => {
  const source = written();
  const folder = join(source, "..");
  const closed = join(folder, "closed");
  mkdirSync(closed, { mode: 0o755 });
  writeFileSync(join(closed, "plugin.json"), "{}");
  chmodSync(folder, 0o755);
  // Its names can be listed, but its files cannot be looked at. Root may do both.
  chmodSync(closed, process.geteuid?.() === 0 ? 0o744 : 0o444);
  const isRoot = process.geteuid?.() === 0;
  try {
    if (isRoot) process.seteuid!(65_534);
    expect(readPluginFolder(folder)).toMatchObject({
      plugins: [{ manifest: { id: "sample" } }],
      problems: [expect.stringContaining("closed/plugin.json: the file cannot be read: EACCES")],
    });
    expect(filesMark(folder)).toContain("closed/plugin.json EACCES");
  } finally {
    if (isRoot) process.seteuid!(0);
    chmodSync(closed, 0o755);
  }
});
