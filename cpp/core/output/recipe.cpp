#include "output/recipe.h"

namespace skyline {

std::string PartNames::name(unsigned part) const {
  std::string number = std::to_string(first + part);
  if (number.size() < digits) number.insert(0, digits - number.size(), '0');
  return prefix + number + suffix;
}

}  // namespace skyline
