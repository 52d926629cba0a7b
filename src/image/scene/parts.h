// One function a kind of thing; each draws over what is there.
#pragma once

#include "image/scene/model.h"
#include "image/scene/pen.h"

namespace landauer::scene {

void draw_sky(const Pen& pen, const Model& model);
void draw_street(const Pen& pen, const Model& model);
void draw_avenue(const Pen& pen, const Model& model);  // the houses along the main road
void draw_fronts(const Pen& pen, const Model& model);  // the houses beyond the crossing street
void draw_facade(const Pen& pen, const House& house, const Lighting& lighting);

void draw_vehicle(const Pen& pen, const Vehicle& vehicle);
void draw_rider(const Pen& pen, const Rider& rider);
void draw_person(const Pen& pen, const Person& person);
void draw_sign(const Pen& pen, const Sign& sign);
void draw_signal(const Pen& pen, const Signal& signal);
void draw_lamp_post(const Pen& pen, double x, double z);
void draw_tree(const Pen& pen, const Tree& tree);
void draw_street_clock(const Pen& pen, double x, double z);
void draw_bench(const Pen& pen, double x, double z);
void draw_bin(const Pen& pen, double x, double z);
void draw_planter(const Pen& pen, double x, double z);
void draw_bollard(const Pen& pen, double x, double z);
void draw_cafe_table(const Pen& pen, double x, double z);
void draw_tram_wires(const Pen& pen);

}  // namespace landauer::scene
