import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { classesOf } from "./style-sheet.ts";
import { whenLoaded } from "./when-loaded.tsx";
import styles from "./YamlView.module.css";

const css = classesOf(styles);

const YamlCode = whenLoaded(
  () => import("./YamlCode.tsx"),
  ({ yaml }) => yaml,
);

/** Shows YAML with a copy button. The code for highlighting is loaded afterwards. */
export function YamlView({ yaml }: { yaml: string }) {
  const text = `${yaml.trimEnd()}\n`;
  return (
    <div className={css("yaml")}>
      <CopyButton value={yaml}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : "Copy"}>
            <ActionIcon className={css("copy")} variant="default" aria-label="Copy" onClick={copy}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      <pre tabIndex={0} role="group" aria-label="YAML">
        <YamlCode yaml={text} />
      </pre>
    </div>
  );
}
