// A plane that pans and zooms: by drag, wheel (with Ctrl, or once it has the focus), two fingers,
// keys and buttons. A point of the plane at p is drawn at p * view.k + (view.x, view.y).

const DEEPEST = 40;

function plane(target, { onView, onDrag = null }) {
  const view = { x: 0, y: 0, k: 1 };
  const pointers = new Map();
  let asked = 0;

  function changed() {
    target.style.touchAction = view.k > 1.01 || onDrag?.active() ? "none" : "pan-x pan-y";
    if (!asked) asked = requestAnimationFrame(() => ((asked = 0), onView(view)));
  }

  function clamp() {
    const { clientWidth: width, clientHeight: height } = target;
    view.x = Math.min(0, Math.max(width - width * view.k, view.x));
    view.y = Math.min(0, Math.max(height - height * view.k, view.y));
  }

  function zoom(factor, x = target.clientWidth / 2, y = target.clientHeight / 2) {
    const deeper = Math.min(DEEPEST, Math.max(1, view.k * factor));
    view.x = x - ((x - view.x) * deeper) / view.k;
    view.y = y - ((y - view.y) * deeper) / view.k;
    view.k = deeper;
    clamp();
    changed();
  }

  function pan(x, y) {
    view.x += x;
    view.y += y;
    clamp();
    changed();
  }

  const at = (event) => {
    const box = target.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  target.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== target) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), ...at(event));
  }, { passive: false });

  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, at(event));
    target.dataset.moved = "";
    if (onDrag?.active()) onDrag.start(...at(event));
  });

  target.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    if (!target.hasPointerCapture(event.pointerId)) {
      if (Math.hypot(now[0] - before[0], now[1] - before[1]) < 4) return;
      target.setPointerCapture(event.pointerId);
    }
    target.dataset.moved = "yes";
    pointers.set(event.pointerId, now);
    if (onDrag?.active()) onDrag.move(...now);
    else if (pointers.size === 1) pan(now[0] - before[0], now[1] - before[1]);
    else pinch(event.pointerId, before, now);
  });

  function pinch(moved, before, now) {
    const [, other] = [...pointers].find(([id]) => id !== moved);
    const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
    zoom(distance(now) / distance(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }

  for (const kind of ["pointerup", "pointercancel"]) {
    target.addEventListener(kind, (event) => {
      if (pointers.delete(event.pointerId) && onDrag?.active()) onDrag.end();
    });
  }

  function reset() {
    Object.assign(view, { x: 0, y: 0, k: 1 });
    changed();
  }

  target.addEventListener("keydown", (event) => {
    const act = {
      "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: reset,
      ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });

  changed();
  return { view, zoom, pan, reset };
}

// Buttons for the plane of a figure, which is made anew whenever the figure is drawn.
function zoomButtons(name) {
  const button = (key, sign, act) =>
    element("button", { type: "button", "aria-label": say(key), title: say(key), onclick: () => act(figures.get(name).moves) }, sign);
  return element(
    "span",
    { class: "zoom" },
    button("zoom_in", "+", (moves) => moves.zoom(1.6)),
    button("zoom_out", "−", (moves) => moves.zoom(1 / 1.6)),
    button("zoom_reset", "⟲", (moves) => moves.reset())
  );
}
