import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { Suspense, lazy } from "react";
import { classesOf } from "./style-sheet.ts";
import styles from "./YamlView.module.css";

const css = classesOf(styles);

const YamlCode = lazy(() => import("./YamlCode.tsx"));

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
        <Suspense fallback={text}>
          <YamlCode yaml={text} />
        </Suspense>
      </pre>
    </div>
  );
}
