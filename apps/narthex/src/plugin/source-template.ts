/** Returns the `plugin.json` of a new source. */
export const sourceManifest = (id: string, entry: string): string =>
  `${JSON.stringify(
    {
      contract: 1,
      id,
      kind: "source",
      name: id,
      description: "Reads a JSON document",
      version: "0.1.0",
      entry,
      hosts: ["url of the source"],
      settings: [],
      queryInputs: [{ key: "path", label: "Path", type: "text", placeholder: "/status.json", initial: "/" }],
    },
    undefined,
    2,
  )}\n`;

/** The module of a new source. */
export const SOURCE_MODULE = `// @ts-check

/** @type {import("./narthex-plugin.d.ts").SourceModule["query"]} */
export async function query({ inputs }, { request }) {
  const { status, json } = await request({ path: String(inputs.path) });
  if (status !== 200) throw new Error(\`the server answered with status \${status}\`);
  const entries = Object.entries(json ?? {});
  return [
    {
      name: String(inputs.path),
      fields: [
        { name: "key", type: "string", values: entries.map(([key]) => key) },
        { name: "value", type: "string", values: entries.map(([, value]) => JSON.stringify(value)) },
      ],
    },
  ];
}

/** @type {import("./narthex-plugin.d.ts").SourceModule["health"]} */
export async function health({ request }) {
  const { status } = await request({ path: "/" });
  if (status < 500) return { status: "OK", message: "The server answers." };
  return { status: "ERROR", message: \`The server answers with status \${status}.\` };
}
`;
