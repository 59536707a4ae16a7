import { Button, CopyButton } from "@mantine/core";
import { dashboardSlug, type JsonObject } from "@narthex/dashboards";
import { download } from "../../../shell/download.ts";

const print = (json: JsonObject): string => `${JSON.stringify(json, undefined, 2)}\n`;

/** Copies a dashboard's JSON to the clipboard. */
export function CopyJsonButton({ json }: { json: JsonObject }) {
  return (
    <CopyButton value={print(json)}>
      {({ copied, copy }) => (
        <Button variant="default" onClick={copy}>
          {copied ? "Copied" : "Copy JSON"}
        </Button>
      )}
    </CopyButton>
  );
}

/** Downloads a dashboard's JSON as a file. */
export function downloadJson(json: JsonObject): void {
  const title = typeof json["title"] === "string" ? json["title"] : "";
  const name = `${dashboardSlug(title) || "dashboard"}.json`;
  download(name, new Blob([print(json)], { type: "application/json" }));
}
