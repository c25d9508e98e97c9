/* The identity card on the officer's page: fetched sealed, drawn beside the opened name, gone with it. */
import { wipe } from "./bytes.mjs";

/** What a counter said of the card, as [label, text]; `say` gives the page's words for a code. */
export function pairsOfCard(card, cardError, say) {
  if (cardError) return [[say("card"), say("card_broken")]];
  if (!card) return [];
  const when = new Date(card.scannedAt).toLocaleString("id-ID");
  return [
    [say("card"), `${card.office}, ${when}`],
    [say("card_bearer"), say(card.isOfBearer ? "answer:yes" : "card_doubt")],
  ];
}

/** The sealed card from `url`, or nothing where none was shown. One that does not come hides nothing. */
export async function fetchCard(url) {
  if (!url) return null;
  const answer = await fetch(url, { cache: "no-store", redirect: "error" }).catch(() => null);
  return answer?.ok ? new Uint8Array(await answer.arrayBuffer()) : new Uint8Array(0);
}

/** Draw the card after `place`, which is gone when the view was wiped meanwhile. */
export async function drawCard(card, place, say) {
  const blob = new Blob([card.image], { type: card.contentType });
  wipe(card.image);
  const picture = await createImageBitmap(blob).catch(() => null);
  if (!place?.isConnected) return;
  const made = document.createElement(picture ? "canvas" : "p");
  if (!picture) {
    made.className = "pane__body";
    made.textContent = say("card_broken");
  } else {
    made.className = "vault-view__card";
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", say("card_picture"));
    [made.width, made.height] = [picture.width, picture.height];
    made.getContext("2d").drawImage(picture, 0, 0);
    picture.close();
  }
  place.after(made);
}
