import { choice, text, toggle } from "../../contracts/option-table.ts";

export const textOptions = {
  mode: choice("mode", "Mode", { markdown: "Markdown", html: "HTML", code: "Code" }, "markdown"),
  content: text("content", "Content", "", { input: "area" }),
  areLinesNumbered: toggle("code.showLineNumbers", "Line numbers", false),
};
