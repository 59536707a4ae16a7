import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { listedStyles } from "./build/listed-styles.ts";
import { precompressed } from "./build/precompressed.ts";

/**
 * Few files per page: what every page begins with is one chunk, the packages of the editor another, what several pages
 * share a third. The calendar stays with the form that has it, and other inputs that start pages do without stay apart.
 */
const rare =
  /^(?!.*ComboboxChevron).*[\\/](@mantine[\\/]dates|dayjs|SilenceForm|DateTimeInput|ufuzzy|fuzzy\.ts|NumberInput|react-number-format|Combobox|Select|PoolSelect|TagsInput|Pill|Chip|Pagination)/;
const chunks = [
  { name: "app", tags: ["$initial"], priority: 2 },
  { name: "editor", test: /[\\/](@codemirror[\\/](?!lang-yaml)|@lezer[\\/](?!yaml)|@prometheus-io[\\/])/, priority: 1 },
  { name: "shared", minShareCount: 2, test: (id: string) => !rare.test(id) },
];

/** One page for every role comes out of the build. The base is relative, so that the same files work below any path prefix. */
export default defineConfig(({ command }) => {
  // A bundle is for readers even when a test runner, with its own NODE_ENV, asks for it.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    base: "./",
    plugins: [react(), listedStyles("src/styles/mantine.css"), precompressed()],
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2022",
      rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
      chunkSizeWarningLimit: 1000,
    },
  };
});
