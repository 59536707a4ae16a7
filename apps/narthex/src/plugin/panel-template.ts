/** Returns the `plugin.json` of a new panel. */
export const panelManifest = (id: string, entry: string): string =>
  `${JSON.stringify(
    {
      contract: 1,
      id,
      kind: "panel",
      name: id,
      description: "Shows the last value of each series",
      version: "0.1.0",
      entry,
      options: [{ key: "title", label: "Title", type: "text", initial: "Last values" }],
    },
    undefined,
    2,
  )}\n`;

/** The module of a new panel. */
export const PANEL_MODULE = `// @ts-check

/** @type {import("./narthex-plugin.d.ts").PanelModule["render"]} */
export function render(element, { frames, options }) {
  const title = document.createElement("h3");
  title.textContent = String(options.title);
  const list = document.createElement("ul");
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (field.type !== "number") continue;
      const item = document.createElement("li");
      item.textContent = \`\${field.config?.displayName ?? field.name}: \${field.values.at(-1) ?? "no value"}\`;
      list.append(item);
    }
  }
  element.replaceChildren(title, list);
}
`;
