import { Button, CopyButton } from "@mantine/core";
import { dashboardSlug, type JsonObject } from "@narthex/dashboards";

const print = (json: JsonObject): string => `${JSON.stringify(json, undefined, 2)}\n`;

/** Puts a dashboard's JSON into the clipboard. */
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

/** Hands a dashboard's JSON to the reader as a file. */
export function downloadJson(json: JsonObject): void {
  const title = typeof json["title"] === "string" ? json["title"] : "";
  const url = URL.createObjectURL(new Blob([print(json)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${dashboardSlug(title) || "dashboard"}.json`;
  link.click();
  URL.revokeObjectURL(url);
}
