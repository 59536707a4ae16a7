import type { ButtonProps } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { alertmanager, silencesKey } from "../api/alertmanager.ts";
import type { Silence } from "../api/alertmanager.ts";
import { showNotification } from "../shell/Notifications.tsx";
import { ConfirmModal } from "../shell/ConfirmModal.tsx";
import { EditorButton } from "../shell/EditorButton.tsx";
import { errorSentence } from "../shell/StatusMessage.tsx";

/** The button that asks whether a silence shall expire. */
export function ExpireButton(props: Pick<ButtonProps, "variant"> & { readonly onClick: () => void }) {
  return (
    <EditorButton size="compact-sm" color="red" {...props}>
      Expire
    </EditorButton>
  );
}

export function ExpireSilences({
  silences,
  onClose,
  onDone,
}: {
  silences: readonly Silence[];
  onClose: () => void;
  onDone?: () => void;
}) {
  const client = useQueryClient();
  const expire = useMutation({
    mutationFn: async () => void (await Promise.all(silences.map(({ id }) => alertmanager.expireSilence(id)))),
    onSuccess: () => onDone?.(),
    onError: (error) => showNotification({ color: "red", title: "Expiring failed", message: errorSentence(error) }),
    onSettled: () => void client.invalidateQueries({ queryKey: silencesKey }),
  });
  const one = silences.length === 1 ? silences[0] : undefined;
  return (
    <ConfirmModal
      title={one === undefined ? `Expire ${silences.length} silences?` : "Expire silence?"}
      action="Expire"
      onClose={onClose}
      onConfirm={() => expire.mutate()}
    >
      {one === undefined
        ? "The alerts that they match are notified again at once."
        : `The alerts that it matches are notified again at once. Comment: ${one.comment}`}
    </ConfirmModal>
  );
}
