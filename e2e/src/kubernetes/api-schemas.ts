import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { type ClusterObject, nameOf } from "./cluster-object.ts";

/** Versions of the API that manifests may be of. */
const VERSIONS = ["v1", "apps/v1", "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1"];

/** The module of the API's schemas for a version: `apps/v1`, `core/v1`. */
function moduleOf(apiVersion: string): string {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  return `kubernetes-types/${group!.split(".")[0]}/${version}`;
}

/** How much of an object is shown where a problem lies, in characters. */
const SHOWN = 60;

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  module: "esnext",
  moduleResolution: "bundler",
  target: "esnext",
  types: [],
  paths: { "kubernetes-types/*": [join(root, "e2e/node_modules/kubernetes-types/*")] },
};

/**
 * What of the objects is not as the API's schemas have it: fields that are missing, not known, or of another type. The schemas are
 * types that were made of the API's OpenAPI document: the objects are put beside them as literals, for the compiler to compare.
 */
export function schemaProblems(objects: readonly ClusterObject[]): string[] {
  const strangers = objects.filter(({ apiVersion }) => !VERSIONS.includes(apiVersion));
  const known = objects.filter(({ apiVersion }) => VERSIONS.includes(apiVersion));
  using place = new Workplace();
  // Two lines an object: a problem's line tells which it is about.
  const lines = known.flatMap((object, i) => [
    `import type { ${object.kind} as Kind${i} } from "${moduleOf(object.apiVersion)}";`,
    `export const object${i}: Kind${i} = ${JSON.stringify(object)};`,
  ]);
  place.write("objects.ts", lines.join("\n"));
  const project = place.write("tsconfig.json", JSON.stringify({ compilerOptions: OPTIONS, files: ["objects.ts"] }));
  const compiler = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", project, "--pretty", "false"], {
    cwd: place.folder,
    encoding: "utf8",
  });
  const found = [...compiler.stdout.matchAll(/^objects\.ts\((\d+),(\d+)\): error \w+: (.*)$/gm)];
  if ((compiler.status === 0) !== (found.length === 0))
    throw new Error(`the compiler ended with ${compiler.status}: ${compiler.stdout}${compiler.stderr}`);
  return [
    ...strangers.map((object) => `${nameOf(object)}: there is no ${object.apiVersion} ${object.kind}`),
    ...found.map(([, line, column, message]) => {
      const shown = lines[Number(line) - 1]!.slice(Number(column) - 1).slice(0, SHOWN);
      return `${nameOf(known[Math.floor((Number(line) - 1) / 2)]!)}: ${message} at ${shown}`;
    }),
  ];
}
