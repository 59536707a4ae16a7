import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const entry = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * Three pages come out of one build: the server's app and the small pages of the push gateway and
 * the alert manager. The base is relative, so that the same files work below any path prefix.
 */
export default defineConfig(({ command }) => {
  // A bundle is for readers even when a test runner, with its own NODE_ENV, asks for it.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    base: "./",
    plugins: [react()],
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2022",
      rolldownOptions: {
        input: {
          index: entry("index.html"),
          pushgateway: entry("pushgateway.html"),
          alertmanager: entry("alertmanager.html"),
        },
      },
    },
  };
});
