import { defineCommand } from "../command-line/command.ts";
import type { ToolContext } from "./tool-context.ts";

/**
 * The command `render`, which only reports that rendering needs a browser. Panels are drawn with a browser's canvas and
 * fonts, and a second renderer would draw different pictures.
 */
export const render = defineCommand<ToolContext>({
  name: "render",
  help: "Explain how to make a picture of a panel with a browser.",
  async run(_, { host }) {
    host.stderr(
      "Panels are drawn with a browser's canvas, fonts and styles, so a picture needs a browser.\n" +
        "With Chromium, and a running dashboards role that viewers may use without a password:\n\n" +
        "  chromium --headless --window-size=1000,500 --virtual-time-budget=10000 --screenshot=panel.png \\\n" +
        "    'http://localhost:3000/d-solo/<uid>/<slug>?panelId=<id>&from=now-6h&to=now&theme=light'\n",
    );
    return 2;
  },
});
