import { Button, Code, Group, List, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { YamlView } from "../../../shell/YamlView.tsx";
import { download } from "../../../shell/download.ts";
import { type GeneratedRule, problemText } from "./alert-rule-api.ts";

/** Shows the rule file with its problems by line, and buttons to copy and save the file. */
export function RuleFile({ made, name }: { made: GeneratedRule; name: string }) {
  const lines = made.yaml.split("\n");
  const file = `${name.replaceAll(/[^\w.-]+/g, "-") || "rule"}.yml`;
  return (
    <>
      <YamlView yaml={made.yaml} />
      {made.problems.length > 0 ? (
        <div role="alert">
          <Text size="sm" c="red" fw={600}>
            A server would refuse this rule:
          </Text>
          <List size="sm" spacing={4}>
            {made.problems.map((problem) => (
              <List.Item key={`${problem.line} ${problem.message}`} className="wrap-anywhere">
                line {problem.line}, <Code>{(lines[problem.line - 1] ?? "").trim()}</Code>: {problemText(problem)}
              </List.Item>
            ))}
          </List>
        </div>
      ) : (
        <Text size="sm" c="dimmed" data-rule-state="valid">
          Checked: a server accepts this rule.
        </Text>
      )}
      {made.warnings.map((warning) => (
        <Text key={warning} size="sm">
          {warning}
        </Text>
      ))}
      <Group gap="sm">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => download(file, new Blob([made.yaml], { type: "application/yaml" }))}
        >
          Download {file}
        </Button>
      </Group>
      <Text size="xs" c="dimmed">
        To use the file, put it where <Code>rule_files</Code> of the server’s configuration finds it, or add the group
        to an existing file. Check the file with <Code>promtool check rules {file}</Code>, then reload the configuration
        with <Code>SIGHUP</Code>, or <Code>POST /-/reload</Code> if it is enabled.
      </Text>
    </>
  );
}
