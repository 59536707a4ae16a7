/** Returns the node exporter's page at "/", with name, version and a link to the metrics. */
export const nodeExporterPage = (version: string, telemetryPath: string): string =>
  landingPage("Node Exporter", telemetryPath, [
    "<h2>Prometheus Node Exporter</h2>",
    `<div>Version: ${escapeHtml(version)}</div>`,
  ]);

/** Returns the page at /containers/, where cAdvisor shows its UI. It contains only a link to the metrics. */
export const containersPage = (version: string, metricsPath: string): string =>
  landingPage("Containers", metricsPath, [
    `<p>Narthex ${escapeHtml(version)} in place of cAdvisor: its metrics, without its pages and its API.</p>`,
  ]);

const landingPage = (title: string, metricsPath: string, lines: readonly string[]): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8">
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
    <title>${title}</title>
    <style>
      :root { color-scheme: light dark; }
      body { font-family: system-ui, sans-serif; margin: 0; }
      header { background: #1d3a5f; color: #fff; padding: 0.5rem 1.5rem; }
      h1 { font-size: 1.2rem; }
      main { padding: 1rem 1.5rem; }
    </style>
  </head>
  <body>
    <header><h1>${title}</h1></header>
    <main>
      ${lines.join("\n      ")}
      <ul>
        <li><a href="${escapeHtml(metricsPath)}">Metrics</a></li>
      </ul>
    </main>
  </body>
</html>
`;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char]!);
