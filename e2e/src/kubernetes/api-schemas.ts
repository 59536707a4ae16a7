import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { type ClusterObject, nameOf } from "./cluster-object.ts";

/** Schema of a kind of Kubernetes object: a TypeScript module, and the name of a type in it. */
interface Schema {
  readonly module: string;
  readonly type: string;
}

/**
 * Schemas of one version of the Kubernetes API, generated from its OpenAPI document. The schemas of the newest version
 * also have functions that check enumerations, patterns and limits.
 */
interface SchemaSet {
  readonly name: string;
  readonly hasFunctions: boolean;
  /** Values of `apiVersion` that manifests may use. */
  readonly versions: readonly string[];
  schemaOf(object: ClusterObject): Schema;
}

const VERSIONS = ["v1", "apps/v1", "networking.k8s.io/v1", "policy/v1", "rbac.authorization.k8s.io/v1"];
/** Versions of prometheus-operator's API. */
const OPERATED = ["v1", "v1alpha1", "v1beta1"].map((version) => `monitoring.coreos.com/${version}`);

/** Schemas of the oldest and the newest version of the Kubernetes API that the Helm chart supports. */
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
    versions: [...VERSIONS, ...OPERATED],
    schemaOf({ apiVersion, kind }) {
      const base = OPERATED.includes(apiVersion) ? "@kubernetes-models/prometheus-operator" : "kubernetes-models";
      return { module: `${base}/${apiVersion}/${kind}`, type: `I${kind}` };
    },
  },
];

/** Maximum number of characters of an invalid Kubernetes object in an error message. */
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
 * Checks Kubernetes objects against the schemas of the oldest and the newest API. Returns missing or unknown fields,
 * wrong types and invalid values.
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

/**
 * Checks Kubernetes objects with the TypeScript compiler. Each object is written as a literal of the type that is its
 * schema.
 */
function typeProblems(objects: readonly ClusterObject[]): string[] {
  using workplace = new Workplace();
  const compared = SETS.flatMap((set) => knownTo(set, objects).map((object) => ({ set, object })));
  // Writes each Kubernetes object on two lines, so that the line of a compiler error identifies the object.
  const lines = compared.flatMap(({ set, object }, i) => {
    const { module, type } = set.schemaOf(object);
    return [
      `import type { ${type} as Kind${i} } from "${module}";`,
      `export const object${i}: Kind${i} = ${JSON.stringify(object)};`,
    ];
  });
  workplace.write("objects.ts", lines.join("\n"));
  const project = workplace.write("tsconfig.json", JSON.stringify({ compilerOptions: OPTIONS, files: ["objects.ts"] }));
  const compiler = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", project, "--pretty", "false"], {
    cwd: workplace.folder,
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

/** A class that validates Kubernetes objects of one kind. */
type Model = new (object: ClusterObject) => { validate(): void };

/**
 * Resolves with the validating class of each kind of Kubernetes object in a module. Resolves with an empty object if
 * the module does not exist.
 */
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
      // Skips an unknown kind of object, because the compiler has already reported it.
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

/**
 * Removes line ends from base64 values of a Kubernetes object. Kustomize inserts them into long values; the Kubernetes
 * API ignores them, but the validation does not.
 */
function withoutLineEnds(object: ClusterObject): ClusterObject {
  if (object.kind !== "Secret") return object;
  const data = Object.entries((object["data"] ?? {}) as Readonly<Record<string, string>>);
  return { ...object, data: Object.fromEntries(data.map(([name, text]) => [name, text.replaceAll("\n", "")])) };
}
