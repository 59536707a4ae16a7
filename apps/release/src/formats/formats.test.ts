import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { FileTree } from "../files/file-tree.ts";
import { untar } from "../files/tar.ts";
import { Output } from "../output.ts";
import { targets } from "../targets.ts";
import { smallParts, smallTargetParts } from "../testing/small-parts.ts";
import { deb } from "./deb.ts";
import type { Format } from "./format.ts";
import { npm } from "./npm.ts";
import { rpm } from "./rpm.ts";
import { tarGz } from "./tar-gz.ts";

const target = targets.find(({ name }) => name === "linux-arm64")!;
const { signal } = new AbortController();

async function made(format: Format, address?: string): Promise<ReadonlyMap<string, Buffer>> {
  const small = smallParts();
  const parts = { ...small, source: { ...small.source, address } };
  const folder = temporaryFolder();
  const out = new Output(folder, () => {});
  if ("suits" in format) await format.makeForTarget(parts, smallTargetParts(target), out, signal);
  else if ("make" in format) await format.make(parts, out);
  expect(out.files.map(({ name }) => name).sort()).toEqual(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort(),
  );
  return new Map(out.files.map(({ name }) => [name, readFileSync(join(folder, name))]));
}

const textOf = (tree: FileTree, path: string): string => {
  const entry = tree.get(path);
  return entry?.kind === "file" ? Buffer.from(entry.bytes).toString() : `no file ${path}`;
};

test.each([tarGz, npm, deb])("$name has the same bytes when it is built again", async (format) => {
  expect(await made(format)).toEqual(await made(format));
});

test("tar.gz contains one folder named by version and target, with its bill of materials next to it", async () => {
  const files = await made(tarGz);
  expect([...files.keys()]).toEqual(["narthex-1.0.0-linux-arm64.tar.gz", "narthex-1.0.0-linux-arm64.cdx.json"]);
  const tree = await untar(gunzipSync(files.get("narthex-1.0.0-linux-arm64.tar.gz")!));
  expect(tree.get("bin/narthex")).toMatchObject({ isExecutable: true });
  expect(tree.get("lib/narthex/main.js")).toMatchObject({ isExecutable: false });
});

test("the npm package runs no install script, and depends on koffi in the lockfile's version", async () => {
  const tree = await untar(gunzipSync((await made(npm)).get("narthex-1.0.0.tgz")!));
  const manifest = JSON.parse(textOf(tree, "package.json")) as Record<string, unknown>;
  expect(manifest).toMatchObject({
    name: "narthex",
    version: "1.0.0",
    bin: { narthex: "bin/narthex.js" },
    engines: { node: ">=24" },
    dependencies: { koffi: "1.2.3" },
  });
  expect(manifest["scripts"]).toBeUndefined();
  expect(textOf(tree, "bin/narthex.js")).toContain('"c0ffee"');
  expect([...tree.keys()]).toEqual(expect.arrayContaining(["lib/narthex/main.js", "config/prometheus.yml"]));
});

function members(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length;) {
    const size = Number(bytes.toString("latin1", at + 48, at + 58));
    found.set(bytes.toString("latin1", at, at + 16).trim(), bytes.subarray(at + 60, at + 60 + size));
    at += 60 + size + (size % 2);
  }
  return found;
}

test("packages name the address of the project, if there is one", async () => {
  const fields = async (address?: string) => {
    const npmTree = await untar(gunzipSync((await made(npm, address)).get("narthex-1.0.0.tgz")!));
    const { homepage } = JSON.parse(textOf(npmTree, "package.json")) as { homepage?: string };
    const [archive] = (await made(deb, address)).values();
    const control = await untar(zstdDecompressSync(members(archive!).get("control.tar.zst")!));
    return [homepage, /^Homepage: (.*)$/m.exec(textOf(control, "control"))?.[1], textOf(npmTree, "README.md")];
  };
  const address = "https://forge.example/narthex";
  expect(await fields(address)).toEqual([address, address, expect.stringContaining(address)]);
  expect(await fields()).toEqual([undefined, undefined, expect.not.stringContaining("undefined")]);
});

test("deb contains control, conffiles and checksums of its files", async () => {
  const parts = members((await made(deb)).get("narthex_1.0.0_arm64.deb")!);
  expect([...parts.keys()]).toEqual(["debian-binary", "control.tar.zst", "data.tar.zst"]);
  const control = await untar(zstdDecompressSync(parts.get("control.tar.zst")!));
  expect(textOf(control, "control")).toMatch(/^Package: narthex\nVersion: 1\.0\.0\nArchitecture: arm64\n/);
  expect(textOf(control, "control")).not.toContain("@KIBIBYTES@");
  const conffiles = textOf(control, "conffiles").trimEnd().split("\n");
  expect(conffiles).toEqual(
    expect.arrayContaining(["/etc/narthex/prometheus.yml", "/etc/narthex/rules/host.yml", "/etc/narthex/server.flags"]),
  );
  for (const script of ["preinst", "postinst", "prerm", "postrm"])
    expect(control.get(script)).toMatchObject({ isExecutable: true });
  const data = await untar(zstdDecompressSync(parts.get("data.tar.zst")!));
  for (const path of conffiles) expect([...data.keys()]).toContain(path.slice(1));
  expect([...data.keys()]).toEqual(
    expect.arrayContaining([
      "usr/lib/narthex/files/bin/narthex",
      "usr/lib/narthex/files/lib/code-cache-fill/fill-code-caches.mjs",
      "usr/lib/systemd/system/narthex-server.service",
      "usr/share/doc/narthex/changelog.gz",
      "usr/share/man/man1/narthex.1.gz",
    ]),
  );
  expect(textOf(control, "postinst")).toContain("\nown narthex-server rules/host.yml\n");
  for (const role of ["server", "alertmanager", "dashboards", "node-exporter", "pushgateway"])
    expect(textOf(control, "postinst")).toContain(`\nown narthex-${role} ${role}.flags\n`);
  for (const script of ["preinst", "postinst", "prerm", "postrm"])
    expect(textOf(control, script)).not.toMatch(/@[A-Z_]+@/);
  const listed = execFileSync("tar", ["-tv"], {
    input: zstdDecompressSync(parts.get("data.tar.zst")!),
    encoding: "utf8",
  });
  expect(listed).toMatch(/^-rw-r----- .* \.\/etc\/narthex\/prometheus\.yml$/m);
  expect(listed).toMatch(/^-rw-r----- .* \.\/etc\/narthex\/server\.flags$/m);
  const summed = textOf(control, "md5sums")
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(34));
  expect(summed).toEqual([...data.keys()].filter((path) => !conffiles.includes(`/${path}`)).sort());
});

const lacksRpm = ["rpmbuild", "rpm"].some((name) => spawnSync(name, ["--version"]).status !== 0);

test.skipIf(lacksRpm)(
  "rpm has the same bytes when it is built again, and all files belong to root and have the same time",
  async () => {
    const name = "narthex-1.0.0-1.aarch64.rpm";
    const bytes = (await made(rpm)).get(name)!;
    expect(bytes.equals((await made(rpm)).get(name)!)).toBe(true);
    const folder = temporaryFolder();
    writeFileSync(join(folder, name), bytes);
    const ask = (format: string): readonly string[] =>
      execFileSync("rpm", ["-qp", `--queryformat=${format}`, name], { cwd: folder, encoding: "utf8" })
        .trimEnd()
        .split("\n");
    expect(ask("%{name} %{version} %{arch} %{buildhost} %{buildtime}")).toEqual([
      "narthex 1.0.0 aarch64 narthex 1700000000",
    ]);
    const files = ask("[%{filenames} %{filemodes:octal} %{fileusername} %{filemtimes} %{fileflags:fflags}\\n]");
    const row = (path: string): string | undefined => files.find((line) => line.startsWith(`${path} `))?.trim();
    expect(row("/usr/lib/narthex/files/lib/node")).toBe("/usr/lib/narthex/files/lib/node 100755 root 1700000000");
    expect(row("/usr/bin/narthex")).toBe("/usr/bin/narthex 120777 root 1700000000");
    expect(row("/usr/lib/narthex/files/lib/narthex/code-cache")).toBe(
      "/usr/lib/narthex/files/lib/narthex/code-cache 40755 root 1700000000",
    );
    // Expects the flags c (configuration file) and n (noreplace): an update writes its new version next to a file that
    // the user has changed.
    expect(row("/etc/narthex/prometheus.yml")).toBe("/etc/narthex/prometheus.yml 100640 root 1700000000 cn");
    expect(row("/etc/narthex/server.flags")).toBe("/etc/narthex/server.flags 100640 root 1700000000 cn");
    expect(ask("[%{filenames} %{filegroupname}\\n]")).toEqual(
      expect.arrayContaining([
        "/etc/narthex/prometheus.yml narthex-server",
        "/etc/narthex/dashboards.ini narthex-dashboards",
        "/etc/narthex/server.flags narthex-server",
        "/etc/narthex/node-exporter.flags narthex-node-exporter",
      ]),
    );
    for (const script of ["prein", "postin", "preun", "postun"]) {
      const text = ask(`%{${script}}`).join("\n");
      expect([script, text.match(/@[A-Z_]+@/), spawnSync("sh", ["-n", "-c", text]).status]).toEqual([script, null, 0]);
    }
    expect(row("/etc")).toBeUndefined();
  },
);

test("Debian packages exist only for Linux with glibc", () => {
  const suited = targets.filter((one) => "suits" in deb && deb.suits(one)).map(({ name }) => name);
  expect(suited).toEqual(["linux-x64", "linux-arm64"]);
});
