// The GPU's programs with a real thread for each of a block's: the same bits as one thread after the other, and the same way through the barriers.
#include "geometries.hpp"
#include "gpu_scene.hpp"

namespace tomo::test {

TEST_CASE("the GPU's programs give the same bits when the threads of a block run at the same time") {
  for (const size_t index : {size_t{0}, size_t{7}}) {
    const NamedScan scan = allScans()[index];
    CAPTURE(scan.name);
    ScanGeometry geometry = scan.geometry;
    // A view of a small volume is enough; the barriers of hundreds of threads take their time.
    geometry.vectors.resize(12);
    geometry.volumeShape = {9, 8, 10};
    const HostGpu inTurn, together;
    together.record->threaded = true;
    Values x = randomValues(geometry.voxels(), 1), y = randomValues(geometry.pixelsPerView(), 2);
    std::vector<Values> results;
    for (const HostGpu* gpu : {&inTurn, &together}) {
      const auto projector = gpu->projector(geometry);
      const Floats volume = gpu->resident(x), sinogram = gpu->resident(y), back = gpu->empty(geometry.voxels());
      REQUIRE(projector->back(sinogram, back, twoThreadsHere).ok());
      REQUIRE(projector->forward(volume, &sinogram, sinogram, twoThreadsHere).ok());
      results.push_back(gpu->fetched(back));
      results.push_back(gpu->fetched(sinogram));
      double dots[3];
      REQUIRE(gpu->device->dotSlices(volume, back, {80, 0, 3}, dots, twoThreadsHere).ok());
      results.push_back({static_cast<float>(dots[0]), static_cast<float>(dots[1]), static_cast<float>(dots[2])});
    }
    for (size_t n = 0; n < 3; ++n) CHECK(results[n] == results[n + 3]);
  }
}

}  // namespace tomo::test
