import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { type ClusterObject, nameOf } from "./cluster-object.ts";

/** Where an object's schema stands: the module, and the type's name there. */
interface Schema {
  readonly module: string;
  readonly type: string;
}

/**
 * Schemas of one state of the API, made of its OpenAPI document; those of the newest are functions as well, which look at
 * values: enumerations, patterns, limits.
 */
interface SchemaSet {
  readonly name: string;
  readonly hasFunctions: boolean;
  /** Versions of the API that manifests may be of. */
  readonly versions: readonly string[];
  schemaOf(object: ClusterObject): Schema;
}

const VERSIONS = ["v1", "apps/v1", "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1"];
const OPERATED = "monitoring.coreos.com/v1";

/** The oldest API that the chart is for, and the newest. */
const SETS: readonly SchemaSet[] = [
  {
    name: "Kubernetes 1.25",
    hasFunctions: false,
    versions: VERSIONS,
    schemaOf({ apiVersion, kind }) {
      const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
      return { module: `kubernetes-types/${group!.split(".")[0]}/${version}`, type: kind };
    },
  },
  {
    name: "the newest Kubernetes",
    hasFunctions: true,
    versions: [...VERSIONS, OPERATED],
    schemaOf({ apiVersion, kind }) {
      const base = apiVersion === OPERATED ? "@kubernetes-models/prometheus-operator" : "kubernetes-models";
      return { module: `${base}/${apiVersion}/${kind}`, type: `I${kind}` };
    },
  },
];

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
  paths: Object.fromEntries(
    ["kubernetes-types", "kubernetes-models", "@kubernetes-models/prometheus-operator"].map((name) => [
      `${name}/*`,
      [join(root, "e2e/node_modules", name, "*")],
    ]),
  ),
};

/**
 * What of the objects is not as the API's schemas have it, those of the oldest and of the newest: fields that are missing, not
 * known, or of another type, values that may not be.
 */
export async function schemaProblems(objects: readonly ClusterObject[]): Promise<string[]> {
  const every = new Set(SETS.flatMap(({ versions }) => versions));
  const strangers = objects.filter(({ apiVersion }) => !every.has(apiVersion));
  const refused = await Promise.all(
    SETS.filter(({ hasFunctions }) => hasFunctions).map((set) => valueProblems(set, objects)),
  );
  return [
    ...strangers.map((object) => `${nameOf(object)}: there is no ${object.apiVersion} ${object.kind}`),
    ...typeProblems(objects),
    ...refused.flat(),
  ];
}

const knownTo = ({ versions }: SchemaSet, objects: readonly ClusterObject[]): ClusterObject[] =>
  objects.filter(({ apiVersion }) => versions.includes(apiVersion));

/** The schemas as types: the objects are put beside them as literals, for the compiler to compare. */
function typeProblems(objects: readonly ClusterObject[]): string[] {
  using place = new Workplace();
  const compared = SETS.flatMap((set) => knownTo(set, objects).map((object) => ({ set, object })));
  // Two lines an object: a problem's line tells which it is about.
  const lines = compared.flatMap(({ set, object }, i) => {
    const { module, type } = set.schemaOf(object);
    return [
      `import type { ${type} as Kind${i} } from "${module}";`,
      `export const object${i}: Kind${i} = ${JSON.stringify(object)};`,
    ];
  });
  place.write("objects.ts", lines.join("\n"));
  const project = place.write("tsconfig.json", JSON.stringify({ compilerOptions: OPTIONS, files: ["objects.ts"] }));
  const compiler = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", project, "--pretty", "false"], {
    cwd: place.folder,
    encoding: "utf8",
  });
  const found = [...compiler.stdout.matchAll(/^objects\.ts\((\d+),(\d+)\): error \w+: (.*)$/gm)];
  if ((compiler.status === 0) !== (found.length === 0))
    throw new Error(`the compiler ended with ${compiler.status}: ${compiler.stdout}${compiler.stderr}`);
  return found.map(([, line, column, message]) => {
    const shown = lines[Number(line) - 1]!.slice(Number(column) - 1).slice(0, SHOWN);
    const { set, object } = compared[Math.floor((Number(line) - 1) / 2)]!;
    return `${nameOf(object)}: ${message} at ${shown} (${set.name})`;
  });
}

/** A kind of object, as a set of schemas with functions has it. */
type Model = new (object: ClusterObject) => { validate(): void };

/** A module's kinds of objects; none where there is no such module. Rejects where it, or one that it needs, cannot be loaded. */
async function modelsOf(module: string): Promise<Readonly<Record<string, Model>>> {
  try {
    return (await import(module)) as Readonly<Record<string, Model>>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const path = module
      .split("/")
      .slice(module.startsWith("@") ? 2 : 1)
      .join("/");
    const isItself = message.split(" imported from ")[0]!.includes(path);
    if (code === "ERR_MODULE_NOT_FOUND" && isItself) return {};
    throw error;
  }
}

async function valueProblems(set: SchemaSet, objects: readonly ClusterObject[]): Promise<string[]> {
  const problems = await Promise.all(
    knownTo(set, objects).map(async (object) => {
      const loaded = await modelsOf(set.schemaOf(object).module);
      const Kind = loaded[object.kind];
      // The compiler has said that there is none.
      if (Kind === undefined) return [];
      try {
        new Kind(withoutLineEnds(object)).validate();
        return [];
      } catch (error) {
        return [`${nameOf(object)}: ${error instanceof Error ? error.message : String(error)} (${set.name})`];
      }
    }),
  );
  return problems.flat();
}

/** The API's decoder of base64 passes over line ends, which kustomize sets into long values; the schemas' does not. */
function withoutLineEnds(object: ClusterObject): ClusterObject {
  if (object.kind !== "Secret") return object;
  const data = Object.entries((object["data"] ?? {}) as Readonly<Record<string, string>>);
  return { ...object, data: Object.fromEntries(data.map(([name, text]) => [name, text.replaceAll("\n", "")])) };
}
