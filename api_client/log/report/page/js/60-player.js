// The moment that is looked at: the video's where there is one, else the one chosen last.

function newPlayer(log, onMove) {
  const video = byId("video");
  let now = page.first_seconds;
  if (video) {
    const away = () => { byId("video-away").hidden = false; };
    video.addEventListener("error", away);
    if (video.error) away();
    const follow = () => { now = page.first_seconds + video.currentTime; onMove(); if (!video.paused) requestAnimationFrame(follow); };
    for (const event of ["play", "seeked", "timeupdate"]) video.addEventListener(event, follow);
  }
  return {
    get seconds() { return now; },
    /** The frame shown: the last that has begun. */
    get frame() { return Math.max(0, countBelow(log.seconds, now + 1e-4, true) - 1); },
    goTo(frame) {
      const next = frame + 1 < page.frames ? log.seconds[frame + 1] : log.endSeconds;
      this.goToSeconds(log.seconds[frame] + Math.min(page.seconds_per_frame, next - log.seconds[frame]) / 4);
    },
    goToSeconds(seconds) {
      now = Math.min(Math.max(page.first_seconds, seconds), log.endSeconds);
      if (video) video.currentTime = now - page.first_seconds;
      onMove();
    },
    toggle() { if (video) (video.paused ? video.play() : video.pause()); },
  };
}

function describeNow(log, filter, counts, player) {
  const frame = player.frame;
  const line = byId("now");
  line.textContent = `${clock(player.seconds)}, frame ${(page.first_frame + frame).toLocaleString("en")}: `;
  const found = [];
  for (let box = log.firstBox[frame]; box < log.firstBox[frame + 1] && found.length < 30; box++) {
    const confidence = log.confidence[box];
    if (confidence < filter.leastConfidence || !counts.allowed[log.word[box]]) continue;
    const track = log.track[box] ? ` #${page.tracks[log.track[box] - 1].id}` : "";
    found.push(`${page.words[log.word[box]].name}${track} ${(confidence + 1) >> 1} %`);
  }
  const strong = document.createElement("b");
  strong.textContent = found.join(", ") || "nothing";
  line.append(strong);
}
