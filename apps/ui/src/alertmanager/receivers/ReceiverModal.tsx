import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { receiverSetup, type OpenSetup, type ReceiverSetup } from "../../api/receiver-setup.ts";
import { ApiError } from "../../api/request.ts";
import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { ManualLines } from "./ManualLines.tsx";
import { changeOf, draftOf, missingFields, type ReceiverDraft } from "./receiver-draft.ts";
import { ReceiverFields } from "./ReceiverFields.tsx";
import { useReloadSetup, useSetupChange } from "./setup-query.ts";
import { TestResults } from "./TestResults.tsx";

interface ModalProps {
  /** Name of the receiver; undefined for a new one. */
  readonly name: string | undefined;
  readonly setup: ReceiverSetup;
  /** Whether alerts lead to no notification, so that a new receiver should become the default one. */
  readonly notifiesNobody: boolean;
  readonly onClose: () => void;
}

/** Buttons that test and save a draft, with their results. */
function Actions({ draft, setup, onClose }: { draft: ReceiverDraft; setup: OpenSetup; onClose: () => void }) {
  const stored = setup.receivers.find(({ name }) => name === draft.name.trim())?.form;
  const missing = missingFields(draft, setup.inherited, stored?.kind === draft.kind && stored.hasSecret);
  const test = useMutation({ mutationFn: () => receiverSetup.test(changeOf(draft)) });
  const save = useSetupChange(() => receiverSetup.save(changeOf(draft), setup.tag), onClose);
  const reload = useReloadSetup();
  const isConflict = save.error instanceof ApiError && save.error.status === 412;
  const isReady = missing.length === 0;
  return (
    <>
      {test.isError && <ErrorMessage error={test.error} title="The test was not sent" />}
      {test.data !== undefined && !test.isPending && <TestResults results={test.data.results} />}
      {save.isError && <ErrorMessage error={save.error} title="Nothing is saved" />}
      {!isReady && (
        <Text size="xs" c="dimmed">
          Still empty: {missing.join(", ")}
        </Text>
      )}
      <Group justify="flex-end">
        {isConflict && (
          <Button
            variant="default"
            onClick={() => {
              reload();
              save.reset();
            }}
          >
            Load the file again
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconSend size={14} aria-hidden />}
          disabled={!isReady}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          Send a test
        </Button>
        <Button type="submit" disabled={!isReady} loading={save.isPending} onClick={() => save.mutate(undefined)}>
          Save
        </Button>
      </Group>
    </>
  );
}

/** The form of a receiver. If pages may not change the file, the form shows the lines to write into it. */
export default function ReceiverModal({ name, setup, notifiesNobody, onClose }: ModalProps) {
  const stored = setup.isOn ? setup.receivers.find((receiver) => receiver.name === name) : undefined;
  const [draft, setDraft] = useState(() => {
    const first = draftOf(stored, notifiesNobody);
    return name === undefined ? first : { ...first, name };
  });
  // The button saves, also if the user presses Enter in a field. The browser must not load another page.
  const submit = (event: SyntheticEvent): void => event.preventDefault();
  return (
    <Modal opened onClose={onClose} size="lg" title={name === undefined ? "New receiver" : `Receiver ${name}`}>
      <form noValidate onSubmit={submit} aria-label="Receiver">
        <Stack gap="sm">
          <ReceiverFields
            draft={draft}
            stored={stored}
            inherited={setup.isOn ? setup.inherited : {}}
            asksSecret={setup.isOn}
            onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
          />
          {setup.isOn ? (
            <Actions draft={draft} setup={setup} onClose={onClose} />
          ) : (
            <ManualLines draft={draft} setup={setup} />
          )}
        </Stack>
      </form>
    </Modal>
  );
}
