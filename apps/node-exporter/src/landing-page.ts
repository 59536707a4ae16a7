/** The page at "/": what this is, which version, where the metrics are. */
export function landingPage(version: string, telemetryPath: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8">
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
    <title>Node Exporter</title>
    <style>
      :root { color-scheme: light dark; }
      body { font-family: system-ui, sans-serif; margin: 0; }
      header { background: #1d3a5f; color: #fff; padding: 0.5rem 1.5rem; }
      h1 { font-size: 1.2rem; }
      main { padding: 1rem 1.5rem; }
    </style>
  </head>
  <body>
    <header><h1>Node Exporter</h1></header>
    <main>
      <h2>Prometheus Node Exporter</h2>
      <div>Version: ${escapeHtml(version)}</div>
      <ul>
        <li><a href="${escapeHtml(telemetryPath)}">Metrics</a></li>
      </ul>
    </main>
  </body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char]!);
