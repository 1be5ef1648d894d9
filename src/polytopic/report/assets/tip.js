// The hint at the pointer: a few lines of text, the first one strong.

const hint = element("div", { id: "tip", class: "tip", role: "tooltip", hidden: "" });
document.body.append(hint);

function showTip(lines, x, y) {
  hint.replaceChildren(
    ...lines.filter((line) => line).map((line, place) => element(place ? "span" : "b", { dir: "auto" }, line))
  );
  hint.hidden = false;
  const box = hint.getBoundingClientRect();
  const left = x + 14 + box.width > window.innerWidth - 8 ? x - box.width - 12 : x + 14;
  const top = y + 16 + box.height > window.innerHeight - 8 ? y - box.height - 12 : y + 16;
  hint.style.left = `${Math.max(8, left)}px`;
  hint.style.top = `${Math.max(8, top)}px`;
}

function hideTip() {
  hint.hidden = true;
}

// Shows what `lines(event)` answers while the pointer is over a target; nothing for null.
function tipOver(target, lines) {
  target.addEventListener("pointermove", (event) => {
    const told = event.buttons ? null : lines(event);
    if (told) showTip(told, event.clientX, event.clientY);
    else hideTip();
  });
  target.addEventListener("pointerleave", hideTip);
}

window.addEventListener("scroll", hideTip, { passive: true, capture: true });
