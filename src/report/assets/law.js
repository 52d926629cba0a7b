'use strict';
// The law of one metric: counted trials, spoiled ones, the line and its 95 % band.
landauer.lawPlot = (place, run) => {
  const { create, colour, figure, redraw, choice, keys } = landauer.page;
  if (!run.laws.length) return;
  let shown = 0;
  const names = run.laws.map((law) => (law.header === law.unit ? law.header : `${law.header} (${law.unit})`));
  place.append(choice('Cost', names, (i) => {
    shown = i;
    draw();
  }));
  const picture = create('div', { class: 'picture' });
  const words = create('p', { class: 'formula' });
  const about = create('p', { class: 'quiet' });
  place.append(picture, legend(), words, about);

  function legend() {
    return keys([
      ['dot', 'counted trial'], ['cross', 'spoiled trial, in no figure', '×'], ['band', 'law with the 95 % band of its mean'],
    ]);
  }

  function points(law) {
    const { trials, prompts } = run;
    return law.y
      .map((y, i) => ({
        x: trials[law.x][i], y, grade: trials.grade[i], prompt: prompts[trials.prompt[i]], rep: trials.rep[i],
      }))
      .filter((p) => p.y !== null);
  }

  function title(law, p) {
    const unit = law.unit === '1' ? '' : ` ${law.unit}`;
    return `${landauer.page.shorten(p.prompt, 40)}, repetition ${p.rep + 1}\n${p.x} ${law.x_label}\n` +
      `${figure(p.y)}${unit}${p.grade === 'A' ? '' : `, grade ${p.grade}`}`;
  }

  function draw() {
    const law = run.laws[shown];
    const all = points(law);
    const line = law.line.map(([x, low, y, high]) => ({ x, low, y, high }));
    const good = all.filter((p) => p.grade !== 'C');
    const width = Math.max(280, Math.min(place.clientWidth, 1040));
    const label = names[shown];
    const svg = Plot.plot({
      width,
      height: Math.round(Math.max(280, Math.min(440, width * 0.5))),
      marginLeft: 56, marginRight: 20, marginTop: 28, marginBottom: 44,
      ariaLabel: `${label} against ${law.x_label}`,
      ariaDescription: law.formula,
      style: landauer.page.plotStyle,
      x: { label: `${law.x_label} →`, labelAnchor: 'right', ticks: width < 500 ? 3 : 10, zero: true },
      y: { label: `↑ ${label}`, grid: true, ticks: 6, zero: true },
      marks: [
        Plot.ruleY([0], { stroke: colour('line') }),
        Plot.areaY(line, { x: 'x', y1: 'low', y2: 'high', fill: colour('accent'), fillOpacity: 0.22 }),
        Plot.lineY(line, { x: 'x', y: 'y', stroke: colour('accent'), strokeWidth: 2 }),
        Plot.dot(good, { x: 'x', y: 'y', r: good.length > 400 ? 1.8 : 3.2, fill: colour('ink'), fillOpacity: good.length > 400 ? 0.35 : 0.7 }),
        Plot.dot(all.filter((p) => p.grade === 'C'), { x: 'x', y: 'y', r: 4, symbol: 'times', stroke: colour('warn'), strokeWidth: 2 }),
        Plot.tip(all, Plot.pointer({ x: 'x', y: 'y', title: (p) => title(law, p), fill: colour('paper'), stroke: colour('line') })),
      ],
    });
    picture.replaceChildren(svg);
    words.textContent = law.formula;
    const thinned = run.trials.of > run.trials.rep.length
      ? `${run.trials.rep.length.toLocaleString('en')} of ${run.trials.of.toLocaleString('en')} trials are drawn; the law is fitted to all.`
      : '';
    about.textContent = [`${law.quality}.`, law.choice, law.warning, law.note, thinned].filter(Boolean).join(' ');
  }
  redraw(place, draw);
};
