import { Stack, Text } from "@mantine/core";
import { CopyField } from "../../shell/CopyField.tsx";

/** Returns a rule file with an alert for an expression. */
const alertFile = (expr: string): string =>
  [
    "groups:",
    "  - name: new",
    "    rules:",
    "      - alert: NewAlert",
    `        expr: ${JSON.stringify(expr)}`,
    "        for: 5m",
    "        labels:",
    "          severity: warning",
    "",
  ].join("\n");

/** Shows an alert as a rule file, for servers that do not store rules of this page. */
export function AlertFile({ expr }: { expr: string }) {
  return (
    <Stack gap="xs" mt="md">
      <Text size="sm">
        Or write the alert to a file that <code>rule_files</code> of the configuration names, and reload the server with{" "}
        <code>POST /-/reload</code> or SIGHUP. Change the name and add a comparison, such as <code>{"> 0"}</code>.
      </Text>
      <CopyField label="Rule file" value={alertFile(expr)} minRows={8} />
    </Stack>
  );
}
