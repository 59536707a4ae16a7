import { ActionIcon, Tooltip } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import { homePath, rootPath } from "../api/root-path.ts";

/** Link to the documentation, which every program serves together with its pages. */
export function DocsLink() {
  return (
    <Tooltip label="Documentation">
      <ActionIcon
        component="a"
        href={`${homePath ?? rootPath}/docs/`}
        target="_blank"
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Documentation"
      >
        <IconBook2 size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
