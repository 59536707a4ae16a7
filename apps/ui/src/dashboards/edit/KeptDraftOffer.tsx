import { Alert, Button, Group, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import { RelativeTime } from "../../shell/RelativeTime.tsx";
import { useDashboardEdit } from "../draft/edit-context.ts";
import type { KeptDraft } from "../draft/kept-drafts.ts";

/** Offers to continue or discard the unsaved changes of an earlier visit. */
export default function KeptDraftOffer({ kept }: { kept: KeptDraft }) {
  const { continueKept, discardKept, draft, writtenJson } = useDashboardEdit();
  const [, setParams] = useSearchParams();
  const hasJson = kept.written !== undefined;
  // The button to continue is disabled while the user types in the JSON editor, because continuing would replace the
  // typed text.
  const isBlocked = hasJson && writtenJson !== undefined;
  const goOn = (): void => {
    continueKept();
    if (hasJson)
      setParams((before) => {
        const next = new URLSearchParams(before);
        next.delete("editPanel");
        next.set("editview", "json-model");
        return next;
      });
  };
  const isOld = kept.version !== draft.base["version"];
  return (
    <Alert variant="light" py="xs" mb="sm" icon={<IconPencil size={18} />} title="There are unsaved changes">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          You changed this dashboard <RelativeTime unixMs={kept.at} />
          {isOld && ", and it was saved since. When you save your changes, a dialog asks what to do"}.
          {hasJson && " The changes include JSON that you typed and did not apply."}
          {draft.isDirty && " They replace your current changes; undo restores the current ones."}
          {isBlocked && " Apply or discard the JSON in the editor to continue with the stored JSON."}
        </Text>
        <Group gap="xs">
          <Button size="compact-sm" disabled={isBlocked} onClick={goOn}>
            Continue editing
          </Button>
          <Button size="compact-sm" variant="default" onClick={discardKept}>
            Discard them
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}
