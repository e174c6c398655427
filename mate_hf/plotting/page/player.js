"use strict";
(() => {
  const scene = JSON.parse(document.getElementById("motions").textContent);
  const at = (id) => document.getElementById(id);
  const make = (name, into, text) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (into) into.append(element);
    return element;
  };

  // ---- what the page holds -------------------------------------------------------------------------------------------

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const count = scene.parents.length;
  const motions = scene.motions.map((held) => {
    const root = new Float32Array(bytes(held.root));
    const body = new Int16Array(bytes(held.body));
    return {
      title: held.title,
      frames: held.frames,
      root,
      joints: Float32Array.from(body, (step, place) =>
        step * held.step + root[3 * Math.floor(place / (3 * count)) + (place % 3)]),
      aims: new Float32Array(bytes(held.aims)),
      middle: held.middle,
      toes: new Uint8Array(bytes(held.toes)),
      words: held.words,
      peak: held.peak,
      weights: new Uint8Array(bytes(held.weights)),
      word: -1,
    };
  });
  const bones = scene.parents.map((parent, child) => [parent, child]).filter(([parent]) => parent >= 0);
  const colours = { left: "#0072b2", right: "#d55e00", trunk: "#333333" };
  const last = scene.frames - 1;
  const seconds = last / scene.fps;

  // ---- state -----------------------------------------------------------------------------------------------------------

  const state = {
    time: 0, playing: false, speed: 1, repeat: true, follow: scene.follows, colours: "sides",
    yaw: scene.camera.yaw, pitch: scene.camera.pitch, zoom: 1,
  };
  let waiting = false, before = 0, drawn = 0;

  const wake = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(tick);
  };

  const tick = (now) => {
    waiting = false;
    if (state.playing) {
      state.time += before ? ((now - before) / 1000) * state.speed : 0;
      before = now;
      if (state.time > seconds) {
        // The last frame stands as long as any other.
        if (state.repeat) state.time = state.time > seconds + 1 / scene.fps ? 0 : state.time;
        else { state.time = seconds; play(false); }
      }
    }
    draw();
    drawn += 1;
    if (state.playing) wake();
  };

  const play = (playing) => {
    if (last === 0) playing = false;
    if (playing && !state.playing && state.time >= seconds) state.time = 0;
    if (!playing) state.time = Math.round(state.time * scene.fps) / scene.fps;
    state.playing = playing;
    before = 0;
    at("play").textContent = playing ? "Pause" : "Play";
    wake();
  };

  const seek = (frame) => {
    state.time = Math.min(Math.max(frame, 0), last) / scene.fps;
    before = 0;
    wake();
  };

  const frameNow = () => Math.min(Math.floor(state.time * scene.fps + 1e-4), last);

  // ---- from metres to the picture -------------------------------------------------------------------------------------

  class Camera {
    constructor(width, height, aim) {
      const reach = state.follow ? scene.reach.follows : scene.reach.stays;
      const room = Math.max(scene.height / 2, reach / (width / height));
      const { lens, margin } = scene.camera;
      this.far = (margin * lens * room + reach / 2) / state.zoom;
      Object.assign(this, { width, height, aim });
      this.sin = [Math.sin(state.yaw), Math.sin(state.pitch)];
      this.cos = [Math.cos(state.yaw), Math.cos(state.pitch)];
    }

    // To the right, up, and how far before the camera.
    seen(x, y, z) {
      x -= this.aim[0]; y -= this.aim[1]; z -= this.aim[2];
      const nearer = x * this.sin[0] + z * this.cos[0];
      return [
        x * this.cos[0] - z * this.sin[0],
        y * this.cos[1] - nearer * this.sin[1],
        this.far - (y * this.sin[1] + nearer * this.cos[1]),
      ];
    }

    // Pixels to the right and down, pixels a metre, depth.
    picture(seen) {
      const scale = (scene.camera.lens / Math.max(seen[2], scene.camera.nearest)) * (this.height / 2);
      return [this.width / 2 + seen[0] * scale, this.height / 2 - seen[1] * scale, scale, seen[2]];
    }

    project(x, y, z) { return this.picture(this.seen(x, y, z)); }

    // Both ends of a line, cut where it comes too near; null where it lies behind.
    line(from, to) {
      let a = this.seen(...from), b = this.seen(...to);
      const near = scene.camera.nearest;
      if (a[2] <= near && b[2] <= near) return null;
      const cut = (inside, outside) => {
        const share = (near - outside[2]) / (inside[2] - outside[2]);
        return outside.map((value, axis) => value + share * (inside[axis] - value));
      };
      if (a[2] < near) a = cut(b, a);
      if (b[2] < near) b = cut(a, b);
      return [this.picture(a), this.picture(b)];
    }
  }

  // Joints at a time, between two frames in proportion.
  const pose = (motion, time) => {
    const place = Math.min(Math.max(time * scene.fps, 0), motion.frames - 1);
    const frame = Math.min(Math.floor(place + 1e-4), motion.frames - 1);
    const next = Math.min(frame + 1, motion.frames - 1);
    const share = Math.max(place - frame, 0), size = 3 * count;
    const joints = new Float32Array(size);
    for (let i = 0; i < size; i += 1) {
      const value = motion.joints[frame * size + i];
      joints[i] = value + share * (motion.joints[next * size + i] - value);
    }
    const aim = state.follow
      ? [0, 1].map((i) => motion.aims[2 * frame + i] + share * (motion.aims[2 * next + i] - motion.aims[2 * frame + i]))
      : motion.middle;
    return { frame, joints, aim: [aim[0], scene.height / 2, aim[1]] };
  };

  // ---- colours ---------------------------------------------------------------------------------------------------------

  const TIME = ["#2b2c6f", "#1f77a4", "#35a079", "#d99b1c"];
  const WEIGHT = ["#cfcfcf", "#b27bc0", "#6a1b86"];

  const ramp = (stops, share) => {
    const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
    const from = Math.min(Math.floor(place), stops.length - 2);
    const part = (stop, i) => parseInt(stop.slice(1 + 2 * i, 3 + 2 * i), 16);
    const mix = [0, 1, 2].map((i) => Math.round(part(stops[from], i) + (place - from) * (part(stops[from + 1], i) - part(stops[from], i))));
    return `rgb(${mix.join(",")})`;
  };

  // Of the word's own peak, 0 to 1.
  const weight = (motion, frame, word) => motion.weights[frame * motion.words.length + word] / 255;
  const tint = (motion, frame) => {
    if (state.colours === "time") return ramp(TIME, last ? frame / last : 0);
    if (motion.word < 0) return WEIGHT[0];
    return ramp(WEIGHT, weight(motion, frame, motion.word));
  };

  // ---- drawing ---------------------------------------------------------------------------------------------------------

  const GRID = 4, TOE = 0.08, GHOSTS = 12;

  const stroke = (pen, points) => {
    pen.beginPath();
    points.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  };

  const drawGround = (pen, camera) => {
    const [x, , z] = camera.aim.map(Math.round);
    pen.strokeStyle = "#b9b9b9";
    pen.lineWidth = 1;
    for (let step = -GRID; step <= GRID; step += 1) {
      for (const ends of [
        [[x + step, 0, z - GRID], [x + step, 0, z + GRID]],
        [[x - GRID, 0, z + step], [x + GRID, 0, z + step]],
      ]) {
        const line = camera.line(...ends);
        if (line) stroke(pen, line);
      }
    }
  };

  const drawWay = (pen, camera, motion, frame) => {
    const stride = Math.max(1, Math.ceil(motion.frames / 240));
    const place = (number) => [motion.root[3 * number], 0, motion.root[3 * number + 2]];
    for (let from = 0; from < motion.frames - 1; from += stride) {
      const to = Math.min(from + stride, motion.frames - 1);
      const line = camera.line(place(from), place(to));
      if (!line) continue;
      const plain = from < frame ? "#8a8a8a" : "#d6d6d6";
      pen.strokeStyle = state.colours === "sides" ? plain : tint(motion, from);
      pen.lineWidth = from < frame ? 3 : 1.5;
      stroke(pen, line);
    }
  };

  const drawToes = (pen, camera, motion, now) => {
    scene.toes.forEach((joint, foot) => {
      const touch = motion.toes[2 * now.frame + foot];
      if (!touch) return;
      const ring = [];
      for (let part = 0; part < 20; part += 1) {
        const angle = (part / 20) * 2 * Math.PI;
        ring.push(camera.project(now.joints[3 * joint] + TOE * Math.sin(angle), 0, now.joints[3 * joint + 2] + TOE * Math.cos(angle)));
      }
      pen.strokeStyle = pen.fillStyle = foot ? colours.right : colours.left;
      pen.lineWidth = 1.6;
      pen.beginPath();
      ring.forEach(([x, y]) => pen.lineTo(x, y));
      pen.closePath();
      pen.stroke();
      if (touch === scene.planted) pen.fill();
    });
  };

  const headOf = (joints) => {
    const [neck, head] = [scene.neck, scene.head].map((joint) => joints.slice(3 * joint, 3 * joint + 3));
    const up = head.map((value, axis) => value - neck[axis]);
    const length = Math.max(Math.hypot(...up), 1e-6);
    return head.map((value, axis) => value + (0.6 * scene.skull * up[axis]) / length);
  };

  const drawBody = (pen, camera, joints, colour) => {
    const points = [];
    for (let joint = 0; joint < count; joint += 1) points.push(camera.project(...joints.slice(3 * joint, 3 * joint + 3)));
    const head = camera.project(...headOf(joints));
    const parts = bones.map(([parent, child]) => ({ parent, child, depth: (points[parent][3] + points[child][3]) / 2 }));
    parts.push({ depth: head[3] });
    parts.sort((one, other) => other.depth - one.depth);
    pen.lineCap = "round";
    for (const { parent, child } of parts) {
      if (child === undefined) {
        pen.beginPath();
        pen.arc(head[0], head[1], Math.max((scene.skull - 0.012) * head[2], 1), 0, 2 * Math.PI);
        pen.fillStyle = "#fff";
        pen.fill();
        pen.strokeStyle = colour("trunk");
        pen.lineWidth = 0.024 * head[2];
        pen.stroke();
        continue;
      }
      const [a, b] = [points[parent], points[child]];
      const thick = scene.thick * ((a[2] + b[2]) / 2);
      const inward = (from, to) => [0, 1].map((axis) => from[axis] + scene.rim * (to[axis] - from[axis]));
      pen.strokeStyle = "#fff";
      pen.lineWidth = 1.7 * thick;
      stroke(pen, [inward(a, b), inward(b, a)]);
      pen.strokeStyle = colour(scene.sides[child]);
      pen.lineWidth = thick;
      stroke(pen, [a, b]);
    }
  };

  const drawGhosts = (pen, camera, motion) => {
    const step = Math.max(0.5, seconds / GHOSTS);
    pen.globalAlpha = 0.4;
    pen.lineWidth = 1.5;
    for (let time = 0; time <= (motion.frames - 1) / scene.fps; time += step) {
      const { joints, frame } = pose(motion, time);
      pen.strokeStyle = tint(motion, frame);
      for (const bone of bones) {
        const line = camera.line(...bone.map((joint) => Array.from(joints.slice(3 * joint, 3 * joint + 3))));
        if (line) stroke(pen, line);
      }
    }
    pen.globalAlpha = 1;
  };

  const fitted = (canvas) => {
    const { clientWidth, clientHeight } = canvas, sharp = window.devicePixelRatio || 1;
    const [width, height] = [clientWidth, clientHeight].map((size) => Math.max(1, Math.round(size * sharp)));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, clientWidth, clientHeight);
    return { pen, width: Math.max(clientWidth, 1), height: Math.max(clientHeight, 1) };
  };

  const drawMotion = (motion) => {
    const { pen, width, height } = fitted(motion.canvas);
    const now = pose(motion, state.time);
    const camera = new Camera(width, height, now.aim);
    pen.lineCap = pen.lineJoin = "round";
    drawGround(pen, camera);
    drawWay(pen, camera, motion, now.frame);
    if (state.colours === "time") drawGhosts(pen, camera, motion);
    drawToes(pen, camera, motion, now);
    const one = state.colours === "sides" ? null : tint(motion, now.frame);
    drawBody(pen, camera, now.joints, one === null ? (side) => colours[side] : () => one);
    motion.buttons.forEach((button, word) => {
      const share = weight(motion, now.frame, word);
      button.style.background = ramp(["#f1f1f1", "#c9a3d4"], share);
    });
  };

  const LANE = 40, INSET = 8;

  const drawLanes = () => {
    const canvas = at("lanes"), shown = motions.filter((motion) => motion.word >= 0);
    canvas.hidden = state.colours !== "word" || !shown.length;
    if (canvas.hidden) return;
    canvas.style.height = `${LANE * shown.length}px`;
    const { pen, width } = fitted(canvas);
    const across = (frame) => INSET + (last ? frame / last : 0) * (width - 2 * INSET);
    shown.forEach((motion, lane) => {
      const floor = LANE * (lane + 1) - 4, top = LANE - 18;
      pen.fillStyle = "#6a1b86";
      pen.globalAlpha = 0.75;
      pen.beginPath();
      pen.moveTo(across(0), floor);
      for (let frame = 0; frame < motion.frames; frame += 1) pen.lineTo(across(frame), floor - top * weight(motion, frame, motion.word));
      pen.lineTo(across(motion.frames - 1), floor);
      pen.fill();
      pen.globalAlpha = 1;
      pen.fillStyle = "#222";
      pen.font = "12px system-ui, 'DejaVu Sans', sans-serif";
      const which = motions.length > 1 ? `${motions.indexOf(motion) + 1}: ` : "";
      pen.fillText(`${which}“${motion.words[motion.word]}”, peak ${motion.peak[motion.word].toFixed(2)}`, INSET, floor - top - 3, width - 2 * INSET);
    });
    pen.fillStyle = "#222";
    pen.fillRect(across(Math.min(state.time * scene.fps, last)) - 0.75, 0, 1.5, LANE * shown.length);
  };

  const draw = () => {
    motions.forEach(drawMotion);
    drawLanes();
    const frame = frameNow();
    if (Number(at("scrub").value) !== frame) at("scrub").value = frame;
    const said = `${(frame / scene.fps).toFixed(2)} s of ${seconds.toFixed(2)} s`;
    if (at("clock").textContent !== said) {
      at("clock").textContent = said;
      at("scrub").setAttribute("aria-valuetext", said);
    }
  };

  // ---- the page --------------------------------------------------------------------------------------------------------

  const key = (legend, text, looks, background) => {
    const entry = make("span", legend);
    const mark = make("i", entry);
    if (looks) mark.className = looks;
    if (background) mark.style.background = background;
    entry.append(text);
  };

  const explain = () => {
    const legend = at("legend");
    legend.replaceChildren();
    if (state.colours === "sides") {
      key(legend, "left", "", colours.left);
      key(legend, "right", "", colours.right);
    } else if (state.colours === "time") {
      key(legend, `0 to ${seconds.toFixed(1)} s`, "ramp", `linear-gradient(90deg, ${TIME.join(",")})`);
    } else {
      key(legend, "attention, 0 to the word’s peak", "ramp", `linear-gradient(90deg, ${WEIGHT.join(",")})`);
    }
    key(legend, "toe on the ground", "toe down");
    key(legend, "toe slides", "toe");
    make("span", legend, "grid: 1 m");
  };

  const colourBy = (by) => {
    state.colours = by;
    at("colours").value = by;
    explain();
    wake();
  };

  const choose = (motion, word) => {
    motion.word = word;
    motion.buttons.forEach((button, place) => button.setAttribute("aria-pressed", String(place === word)));
  };

  const chooseEverywhere = (motion, word) => {
    choose(motion, word);
    for (const other of motions) {
      const same = other === motion ? -1 : other.words.indexOf(motion.words[word]);
      if (same >= 0) choose(other, same);
    }
    colourBy("word");
  };

  const VIEWS = {
    start: [scene.camera.yaw, scene.camera.pitch], front: [0, scene.camera.pitch], left: [Math.PI / 2, scene.camera.pitch],
    behind: [Math.PI, scene.camera.pitch], right: [-Math.PI / 2, scene.camera.pitch], above: [Math.PI, Math.PI / 2],
  };

  const look = (name) => {
    if (VIEWS[name]) [state.yaw, state.pitch] = VIEWS[name];
    at("view").value = name;
    wake();
  };

  const turn = (sideways, up) => {
    state.yaw += sideways;
    state.pitch = Math.min(Math.max(state.pitch + up, -0.15), Math.PI / 2);
    look("");
  };

  const zoom = (factor) => {
    state.zoom = Math.min(Math.max(state.zoom * factor, 0.3), 4);
    wake();
  };

  const handle = (canvas) => {
    const fingers = new Map();
    const spread = () => {
      const [one, other] = [...fingers.values()];
      return Math.hypot(one[0] - other[0], one[1] - other[1]);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
    });
    canvas.addEventListener("pointermove", (event) => {
      const from = fingers.get(event.pointerId);
      if (!from) return;
      const wide = fingers.size === 2 ? spread() : 0;
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (fingers.size === 1) turn((from[0] - event.clientX) * 0.008, (event.clientY - from[1]) * 0.006);
      else if (fingers.size === 2) zoom(spread() / Math.max(wide, 1));
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * 0.0015));
    }, { passive: false });
  };

  const keys = {
    " ": () => play(!state.playing),
    ArrowLeft: () => { play(false); seek(frameNow() - 1); },
    ArrowRight: () => { play(false); seek(frameNow() + 1); },
    Home: () => seek(0),
    End: () => { play(false); seek(last); },
    "+": () => zoom(1.15), "=": () => zoom(1.15), "-": () => zoom(1 / 1.15), "−": () => zoom(1 / 1.15),
    "0": () => { state.zoom = 1; look("start"); },
  };
  const turns = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.08], ArrowDown: [0, -0.08] };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const own = event.target.tagName;
    // They have keys of their own: a slider its arrows, a list its letters, a button the space bar.
    if (own === "SELECT" || (own === "INPUT" && event.key !== " ") || ((own === "BUTTON" || event.target.type === "checkbox") && event.key === " ")) return;
    const does = event.shiftKey && turns[event.key] ? () => turn(...turns[event.key]) : keys[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });

  motions.forEach((motion, number) => {
    const figure = make("figure", at("stage"));
    const caption = make("figcaption", figure), words = make("div", figure);
    const screen = make("div", figure);
    screen.className = "screen";
    motion.canvas = make("canvas", screen);
    const named = motion.title || (motions.length > 1 ? `motion ${number + 1}` : "a motion");
    motion.canvas.tabIndex = 0;
    motion.canvas.setAttribute("role", "img");
    motion.canvas.setAttribute("aria-label", `${named}: a stick figure of ${((motion.frames - 1) / scene.fps).toFixed(2)} s`);
    handle(motion.canvas);
    // Its words, or the heading, say it already.
    const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
    if (motion.title !== scene.heading && plain(motion.title) !== plain(motion.words.join(" "))) caption.textContent = motion.title;
    words.className = "words";
    if (motion.words.length) {
      words.setAttribute("role", "group");
      words.setAttribute("aria-label", "Words: choose one to see when it is looked at");
    }
    motion.buttons = motion.words.map((word, place) => {
      const button = make("button", words, word);
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => chooseEverywhere(motion, place));
      return button;
    });
  });
  at("stage").className = `of${motions.length}`;
  at("scrub").max = last;
  at("follow").checked = state.follow;
  for (const id of ["play", "scrub", "back", "on"]) at(id).disabled = last === 0;
  if (!motions.some((motion) => motion.words.length)) at("colours").querySelector("[value=word]").remove();

  at("play").addEventListener("click", () => play(!state.playing));
  at("back").addEventListener("click", keys.ArrowLeft);
  at("on").addEventListener("click", keys.ArrowRight);
  at("scrub").addEventListener("input", (event) => { play(false); seek(Number(event.target.value)); });
  at("speed").addEventListener("change", (event) => { state.speed = Number(event.target.value); });
  at("colours").addEventListener("change", (event) => {
    // Some word is chosen, so that there is something to see.
    for (const motion of motions) if (event.target.value === "word" && motion.word < 0 && motion.words.length) choose(motion, motion.words.length - 1);
    colourBy(event.target.value);
  });
  at("view").addEventListener("change", (event) => look(event.target.value));
  at("follow").addEventListener("change", (event) => { state.follow = event.target.checked; wake(); });
  at("loop").addEventListener("change", (event) => { state.repeat = event.target.checked; });
  new ResizeObserver(wake).observe(at("stage"));

  // For tests, and for who would steer the page from outside.
  window.matePlayer = {
    state, seek, play, motions,
    drawn: () => drawn,
    frame: frameNow,
    where(number, joint) {
      const motion = motions[number], now = pose(motion, state.time);
      const camera = new Camera(motion.canvas.clientWidth, motion.canvas.clientHeight, now.aim);
      return camera.project(...now.joints.slice(3 * joint, 3 * joint + 3));
    },
  };

  explain();
  play(!window.matchMedia("(prefers-reduced-motion: reduce)").matches);
})();
