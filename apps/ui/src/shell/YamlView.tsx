import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useMemo } from "react";
import { yamlTokens } from "./yaml-tokens.ts";

/** YAML with colours and a button that copies it whole. */
export function YamlView({ yaml }: { yaml: string }) {
  const lines = useMemo(() => yaml.trimEnd().split("\n").map(yamlTokens), [yaml]);
  return (
    <div className="yaml">
      <CopyButton value={yaml}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : "Copy"}>
            <ActionIcon className="yaml-copy" variant="default" aria-label="Copy" onClick={copy}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      <pre tabIndex={0}>
        {lines.map((tokens, row) => (
          <span key={row}>
            {tokens.map((token, index) => (
              <span key={index} className={`yaml-${token.kind}`}>
                {token.text}
              </span>
            ))}
            {"\n"}
          </span>
        ))}
      </pre>
    </div>
  );
}
